import { on, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { taskEventSchema, type EventType } from '@taskhook/core'
import { createEndpoint } from '@taskhook/sender'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPublisher, type Publisher, type Subscription } from './publisher.ts'

/** A receiver whose answers are the test's. */
interface Receiver extends AsyncDisposable {
  url: string
  /** Waits for the next request. */
  next(): Promise<{ event: string; answer: (status?: number) => void }>
}

async function openReceiver(): Promise<Receiver> {
  const server = createServer().listen(0, '127.0.0.1')
  const requests = on(server, 'request')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async next() {
      const { value } = await requests.next()
      const [request, response] = value as [IncomingMessage, ServerResponse]
      const { taskId, eventType } = taskEventSchema.parse(JSON.parse(await text(request)))
      return {
        event: `${eventType} ${taskId}`,
        answer: (status = 204) => void response.writeHead(status).end(),
      }
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function subscribe(
  id: string,
  { url }: Receiver,
  events: readonly EventType[] = ['OrderCreated', 'OrderAccepted', 'OrderSigned'],
): Promise<Subscription> {
  return { endpoint: await createEndpoint({ enabled: true, id, endpoint: url, secret: 'a secret' }), events }
}

let lines: string[]
let publisher: Publisher

function publishTo(...subscriptions: Subscription[]): void {
  publisher = createPublisher(subscriptions, (line) => lines.push(line.replace(/ [0-9.]+ms$/, '')))
}

beforeEach(() => {
  lines = []
})
afterEach(() => publisher.close())

describe('createPublisher', () => {
  it('delivers the events of one task in their order, and those of another task beside them', async () => {
    await using receiver = await openReceiver()
    publishTo(await subscribe('one', receiver))
    publisher.publish({ taskId: 'a', eventType: 'OrderCreated' })
    publisher.publish({ taskId: 'a', eventType: 'OrderAccepted' })
    publisher.publish({ taskId: 'b', eventType: 'OrderCreated' })

    const first = [await receiver.next(), await receiver.next()]
    expect(first.map(({ event }) => event).toSorted()).toEqual(['OrderCreated a', 'OrderCreated b'])
    for (const { answer } of first) answer()
    const { event, answer } = await receiver.next()
    expect(event).toBe('OrderAccepted a')
    answer()
    await publisher.settle()
    expect(lines.filter((line) => line.includes(' a '))).toEqual([
      'OrderCreated a one delivered 204',
      'OrderAccepted a one delivered 204',
    ])
  })

  it('does not let a slow endpoint keep another waiting', async () => {
    await using slow = await openReceiver()
    await using quick = await openReceiver()
    publishTo(await subscribe('slow', slow), await subscribe('quick', quick))
    publisher.publish({ taskId: 'a', eventType: 'OrderCreated' })
    publisher.publish({ taskId: 'a', eventType: 'OrderAccepted' })

    const slowRequest = await slow.next()
    for (const event of ['OrderCreated a', 'OrderAccepted a']) {
      const request = await quick.next()
      expect(request.event).toBe(event)
      request.answer()
    }
    slowRequest.answer()
    ;(await slow.next()).answer()
    await publisher.settle()
    expect(lines).toHaveLength(4)
  })

  it('sends an endpoint only the events that it subscribes to', async () => {
    await using receiver = await openReceiver()
    publishTo(await subscribe('one', receiver, ['OrderSigned']))
    publisher.publish({ taskId: 'a', eventType: 'OrderAccepted' })
    publisher.publish({ taskId: 'a', eventType: 'OrderSigned' })
    const { event, answer } = await receiver.next()
    expect(event).toBe('OrderSigned a')
    answer()
    await publisher.settle()
    expect(lines).toEqual(['OrderSigned a one delivered 204'])
  })

  it('logs a failed attempt with its reason, makes no other, and goes on with the next event', async () => {
    const receiver = await openReceiver()
    publishTo(await subscribe('one', receiver))
    publisher.publish({ taskId: 'a', eventType: 'OrderCreated' })
    publisher.publish({ taskId: 'a', eventType: 'OrderAccepted' })
    ;(await receiver.next()).answer(503)
    expect((await receiver.next()).event).toBe('OrderAccepted a')
    await receiver[Symbol.asyncDispose]()
    await publisher.settle()
    publisher.publish({ taskId: 'a', eventType: 'OrderSigned' })
    await publisher.settle()
    expect(lines).toEqual([
      'OrderCreated a one retry 503',
      'OrderAccepted a one retry connection_reset',
      'OrderSigned a one retry connection_refused',
    ])
  })
})
