import { memoryDedupe, receiverChannels, type ReceiverMessages } from '@taskhook/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exchange } from './exchange.ts'
import type { Handler } from './receiver.ts'
import { receiverNames, receivers, type ReceiverName } from './receivers.ts'
import { secret, secretOfNorth, sentAt, signed, taskId } from './signed.ts'

const eventType = 'OrderAccepted'
const tooLarge: Partial<Record<ReceiverName, string>> = { Fastify: 'FST_ERR_CTP_BODY_TOO_LARGE' }

describe.each(receiverNames)('%s tells by channels', (name) => {
  test('of a webhook that is handled, and of its repeat', async () => {
    const messages = listen()
    await using receiver = await start(name, () => 200)
    const request = signed({ id: 'msg_1', key: 'north' })
    await exchange(receiver.port, request)
    await exchange(receiver.port, request)

    const facts = { eventType, taskId, installation: 'north', deliveryId: 'msg_1' }
    expect(messages).toEqual([
      ['received', facts],
      ['handled', { ...facts, succeeded: true, durationInMs: expect.any(Number) }],
      ['acknowledged', { outcome: 'duplicate', deliveryId: 'msg_1' }],
    ])
  })

  test('of a handler that answers an error, and of one that throws', async () => {
    const messages = listen()
    await using receiver = await start(name, () => 503)
    await exchange(receiver.port, signed({ key: 'north' }))
    await using throwing = await start(name, () => Promise.reject(new TypeError('no such task')))
    await exchange(throwing.port, signed({ key: 'north' }))

    const handled = messages.filter(([channel]) => channel === 'handled')
    expect(handled).toEqual([
      ['handled', expect.objectContaining({ eventType, succeeded: false, errorType: '503' })],
      // A framework that answers for its handler says no more than that.
      [
        'handled',
        expect.objectContaining({ succeeded: false, errorType: expect.stringMatching(/^500$|^TypeError$/) }),
      ],
    ])
  })

  test('of an event that is ignored, and of what is refused, with each reader of the body', async () => {
    const messages = listen()
    await using receiver = await start(name, () => 200)
    const key = 'north'
    await exchange(receiver.port, signed({ key, body: '{"taskId":"1","eventType":"OrderShredded"}' }))
    await exchange(receiver.port, signed({ key, secret: 'another secret' }))
    await exchange(receiver.port, signed({ key, body: ' '.repeat(65_537) }))

    expect(messages).toEqual([
      ['acknowledged', { outcome: 'ignored', eventType: 'OrderShredded' }],
      ['refused', { code: 'signature_mismatch', status: 401, error: expect.any(Error) }],
      ['refused', { code: tooLarge[name] ?? 'body_too_large', status: 413, error: expect.any(Error) }],
    ])
    expect(JSON.stringify(messages)).not.toContain(secret)
  })
})

const now = (): number => sentAt.getTime()

function start(name: ReceiverName, handler: Handler) {
  return receivers[name]({ options: { secret: secretOfNorth, now, dedupe: memoryDedupe({ now }) }, handler })
}

/** What is published until the test is over. */
function listen(): [keyof ReceiverMessages, unknown][] {
  const messages: [keyof ReceiverMessages, unknown][] = []
  for (const name of Object.keys(receiverChannels) as (keyof ReceiverMessages)[]) {
    const hear = (message: unknown): void => void messages.push([name, message])
    receiverChannels[name].subscribe(hear)
    onTestFinished(() => {
      receiverChannels[name].unsubscribe(hear)
    })
  }
  return messages
}
