import { channels } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { logMessages, type LoggerLike } from './log-messages.ts'
import { startReceiver } from './testing-receiver.ts'
import { afterAttempts, event, openSender, section, startSender } from './testing-sender.ts'

/** A logger of pino's shape that keeps what it is told. */
function recordLines() {
  const lines: { level: string; fields: object; message: string }[] = []
  const level = (name: string) => (fields: object, message: string) =>
    void lines.push({ level: name, fields, message })
  const logger: LoggerLike = {
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  }
  return { logger, lines }
}

describe('a logger', () => {
  test('is told of attempts that failed, that one is exhausted, and of those that went well at debug', async () => {
    let status = 500
    const { url } = await startReceiver((_request, response) => response.writeHead(status).end('the answer'))
    const { logger, lines } = recordLines()
    const sender = await startSender(section(url, { id: 'one', key: 'the-key', retrySchedule: ['PT0S'] }), {
      logger,
    })
    const failed = (await sender.send(event)).deliveryIds[0]!
    await afterAttempts(sender, failed)
    status = 200
    const delivered = (await sender.send(event)).deliveryIds[0]!
    await afterAttempts(sender, delivered)

    const fields = { endpointId: 'one', orderingKey: '07c6ad8c', type: 'OrderSigned' }
    expect(lines).toMatchObject([
      { level: 'warn', fields: { ...fields, id: failed, try: 1, outcome: 'retry', status: 500 } },
      {
        level: 'error',
        fields: { ...fields, id: failed },
        message: expect.stringContaining('exhausted') as string,
      },
      { level: 'debug', fields: { ...fields, id: delivered, outcome: 'delivered', status: 200 } },
    ])
    const text = JSON.stringify(lines)
    for (const absent of ['the answer', 'a secret', 'the-key']) expect(text).not.toContain(absent)
  })

  test('is told of its own endpoints only, and of nothing after the sender is stopped', async () => {
    const { url } = await startReceiver()
    const { logger, lines } = recordLines()
    const other = await startSender(section(url, { id: 'other' }))
    const sender = await openSender(section(url, { id: 'one' }), { logger })
    await afterAttempts(other, (await other.send(event)).deliveryIds[0]!)
    await sender.stop()
    channels.exhausted.publish({ id: 'x', endpointId: 'one', orderingKey: 'x', type: 'x' })
    expect(lines).toEqual([])
  })

  test('is told of circuits, and of a ledger that failed', () => {
    const { logger, lines } = recordLines()
    onTestFinished(logMessages(logger, new Set(['one'])))
    const circuit = { state: 'open', opensUntil: Date.parse('2026-11-24T10:00:00Z') }
    const error = new Error('the disk is full')
    channels.circuitOpened.publish({ endpointId: 'one', circuit })
    channels.circuitOpened.publish({ endpointId: 'other', circuit })
    channels.circuitClosed.publish({ endpointId: 'one', circuit })
    channels.failed.publish({ error })
    expect(lines).toMatchObject([
      { level: 'warn', fields: { endpointId: 'one', until: new Date('2026-11-24T10:00:00Z') } },
      { level: 'info', fields: { endpointId: 'one' } },
      { level: 'error', fields: { err: error } },
    ])
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
  const delivered = (await sender.send(event, { idempotencyKey: 'change 1' })).deliveryIds[0]!
  await afterAttempts(sender, delivered)
  // A repeat is not accepted, so nothing is said of it.
  await sender.send(event, { idempotencyKey: 'change 1' })
  status = 500
  const exhausted = (await sender.send(event)).deliveryIds[0]!
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
