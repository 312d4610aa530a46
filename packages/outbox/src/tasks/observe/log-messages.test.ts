import { describe, expect, test } from 'vitest'
import { toLogLine, type LogLine } from './log-messages.ts'
import type { Notice } from './notice.ts'
import { inboxWording, senderWording } from './wording.ts'

const facts = { id: 'a', endpointId: 'one', taskId: 't', eventType: 'OrderSigned' }
const report = { outcome: 'retry', durationInMs: 5 } as const

describe('a logger', () => {
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
    [{ kind: 'exhausted', isHeld: true, ...facts }, 'error', facts, 'or deliveries.cancel(id) to go on'],
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
    const line = toLogLine(notice, senderWording)
    expect(line).toMatchObject({ level, fields })
    expect(Object.keys(line?.fields ?? {}).toSorted()).toEqual(Object.keys(fields).toSorted())
    expect(line?.message).toContain(part)
  })

  test('has no line for what another one says', () => {
    expect(toLogLine({ kind: 'accepted', ...facts }, senderWording)).toBeUndefined()
    const gone = { outcome: 'gone', durationInMs: 5, status: 410 } as const
    expect(toLogLine({ kind: 'attempted', ...facts, number: 1, result: gone }, senderWording)).toBeUndefined()
  })

  test('has lines of an inbox that speak of its handler', () => {
    const done = { outcome: 'delivered', durationInMs: 5 } as const
    const line = toLogLine({ kind: 'attempted', ...facts, number: 1, result: done }, inboxWording)
    expect(line?.message).toBe('webhook handled')
    expect(toLogLine({ kind: 'exhausted', ...facts }, inboxWording)?.message).toContain('the handler works')
    expect(toLogLine({ kind: 'not-started', pending: 1 }, inboxWording)?.message).toContain('this inbox')
  })
})
