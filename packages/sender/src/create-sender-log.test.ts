import { channels } from '@taskhook/outbox'
import { recordLog } from '@taskhook/outbox/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, section, startSender } from './testing/sender.ts'

describe('a logger', () => {
  test('is told of attempts that failed, that one is exhausted, and of those that went well at debug', async () => {
    let status = 500
    const { url } = await startReceiver((_request, response) => response.writeHead(status).end('the answer'))
    const { logger, lines } = recordLog()
    const sender = await startSender(section(url, { id: 'one', key: 'the-key', retrySchedule: ['PT0S'] }), {
      logger,
    })
    const failed = (await sender.send(event)).deliveries[0]!.id
    await afterAttempts(sender, failed)
    status = 200
    const delivered = (await sender.send(event)).deliveries[0]!.id
    await afterAttempts(sender, delivered)

    const fields = { endpointId: 'one', taskId: '07c6ad8c', eventType: 'OrderSigned' }
    expect(lines).toMatchObject([
      { level: 'warn', fields: { ...fields, id: failed, number: 1, status: 500 } },
      {
        level: 'error',
        fields: { ...fields, id: failed },
        message: expect.stringContaining('exhausted') as string,
      },
      { level: 'debug', fields: { ...fields, id: delivered, number: 1, status: 200 } },
    ])
    const text = JSON.stringify(lines)
    for (const absent of ['the answer', 'a secret', 'the-key']) expect(text).not.toContain(absent)
  })
})

test('the channels tell of what is accepted, attempted, delivered and exhausted, in that order', async () => {
  const messages: [name: string, id: string][] = []
  for (const name of ['enqueued', 'attempted', 'delivered', 'exhausted'] as const) {
    const listener = (message: unknown): void => void messages.push([name, (message as { id: string }).id])
    channels[name].subscribe(listener)
    onTestFinished(() => {
      channels[name].unsubscribe(listener)
    })
  }
  let status = 200
  const { url } = await startReceiver((_request, response) => response.writeHead(status).end())
  const sender = await startSender(section(url, { retrySchedule: ['PT0S'] }))
  const delivered = (await sender.send(event, { idempotencyKey: 'change 1' })).deliveries[0]!.id
  await afterAttempts(sender, delivered)
  // A repeat is not accepted, so nothing is said of it.
  await sender.send(event, { idempotencyKey: 'change 1' })
  status = 500
  const exhausted = (await sender.send(event)).deliveries[0]!.id
  await afterAttempts(sender, exhausted)
  expect(messages).toEqual([
    ['enqueued', delivered],
    ['attempted', delivered],
    ['delivered', delivered],
    ['enqueued', exhausted],
    ['attempted', exhausted],
    ['exhausted', exhausted],
  ])
})
