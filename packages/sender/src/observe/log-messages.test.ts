import { channels } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toLogLine, type LogLine } from './log-messages.ts'
import type { Notice } from './notice.ts'
import { recordLog } from '../testing/logger.ts'
import { startReceiver } from '../testing/receiver.ts'
import { afterAttempts, event, section, startSender } from '../testing/sender.ts'

const facts = { id: 'a', endpointId: 'one', taskId: 't', eventType: 'OrderSigned' }
const report = { outcome: 'retry', durationInMs: 5 } as const

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

  test.each<[Notice, LogLine['level'], object, string]>([
    [
      { kind: 'attempted', ...facts, number: 2, result: { ...report, status: 500 }, nextAttemptAt: 0 },
      'warn',
      { ...facts, number: 2, outcome: 'retry', durationInMs: 5, status: 500, nextAttemptAt: new Date(0) },
      'webhook failed (status 500), it is tried again at 1970-01-01T00:00:00.000Z',
    ],
    [
      { kind: 'attempted', ...facts, number: 1, result: { ...report, errorCode: 'dns_failed' } },
      'warn',
      { ...facts, number: 1, outcome: 'retry', durationInMs: 5, errorCode: 'dns_failed' },
      'webhook failed (dns_failed)',
    ],
    [{ kind: 'exhausted', ...facts }, 'error', facts, 'deliveries.resend(id)'],
    [{ kind: 'gone', endpointId: 'one' }, 'error', { endpointId: 'one' }, 'endpoints.resume(id)'],
    [
      { kind: 'circuit-opened', endpointId: 'one', until: 0 },
      'warn',
      { endpointId: 'one', until: new Date(0) },
      'Check the receiver',
    ],
    [{ kind: 'circuit-closed', endpointId: 'one' }, 'info', { endpointId: 'one' }, 'answers again'],
    [{ kind: 'ledger-failed', error: 'full' }, 'error', { err: 'full' }, 'Check the database'],
    [{ kind: 'ledger-recovered' }, 'info', {}, 'deliveries go on'],
    [{ kind: 'nothing-enabled' }, 'warn', {}, 'Set "enabled"'],
    [{ kind: 'not-started', pending: 3 }, 'warn', { pending: 3 }, 'before start() is called'],
  ])('has a line of its own for %j', (notice, level, fields, part) => {
    const line = toLogLine(notice)
    expect(line).toMatchObject({ level, fields })
    expect(Object.keys(line?.fields ?? {}).toSorted()).toEqual(Object.keys(fields).toSorted())
    expect(line?.message).toContain(part)
  })

  test('has no line for what another one says', () => {
    expect(toLogLine({ kind: 'accepted', ...facts })).toBeUndefined()
    const gone = { outcome: 'gone', durationInMs: 5, status: 410 } as const
    expect(toLogLine({ kind: 'attempted', ...facts, number: 1, result: gone })).toBeUndefined()
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
