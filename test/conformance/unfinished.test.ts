import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { exchange, open } from './exchange.ts'
import type { Handler, Receiver } from './receiver.ts'
import { receiverNames, receivers, type ReceiverName } from './receivers.ts'
import { secret, sentAt, signed } from './signed.ts'

describe.each(receiverNames)('%s', (name) => {
  test('a client that goes away in the middle of the body is refused, and the next one is served', async () => {
    await using started = await start(name)
    const { client } = await openHalf(started.receiver)
    client.destroy()

    expect(await started.refusal).toBe('body_unreadable')
    expect(started.handled).toEqual([])
    expect(await exchange(started.receiver.port, signed())).toMatchObject({ status: 200 })
  })

  test('a client that ends the connection before the body is complete is refused', async () => {
    await using started = await start(name)
    const { client } = await openHalf(started.receiver)
    client.socket?.end()

    expect(await started.refusal).toBe('body_unreadable')
    expect(started.handled).toEqual([])
    client.destroy()
  })

  test('a body longer than its content-length is cut off there, and so is not what was signed', async () => {
    await using started = await start(name)
    const { status } = await exchange(started.receiver.port, signed({ headers: { 'content-length': '10' } }))

    expect(await started.refusal).toBe('signature_mismatch')
    expect(started.handled).toEqual([])
    // Node.js answers 400 for what comes after, whichever is first.
    expect([400, 401]).toContain(status)
  })
})

/** Starts a receiver and waits until it reads the body, of which there is no more than half. */
async function start(name: ReceiverName) {
  const handled: string[] = []
  const { promise: refusal, resolve: onRefused } = Promise.withResolvers<string | undefined>()
  const handler: Handler = ({ event }) => {
    handled.push(event.taskId)
    return 200
  }
  const receiver = await receivers[name]({
    options: { secret, now: () => sentAt.getTime() },
    handler,
    onRefused,
  })
  return { receiver, handled, refusal, [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose]() }
}

async function openHalf({ port }: Receiver) {
  const { headers } = signed()
  const opened = open(port, { headers: [...headers, ['expect', '100-continue']] })
  opened.answer.catch(() => {})
  // The server says so once the request is being handled.
  await once(opened.client, 'continue')
  opened.client.write('{"orderId":')
  return opened
}
