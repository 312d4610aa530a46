import type { DeliverySummary } from '@taskhook/outbox/tasks'
import { expect, test } from 'vitest'
import { describeWait } from './describe-wait.ts'

const now = Date.UTC(2026, 10, 29, 14)
const delivery: DeliverySummary = {
  id: '1',
  endpointId: 'crm',
  taskId: 'a',
  eventType: 'OrderSigned',
  state: 'pending',
  acceptedAt: new Date(now),
  attemptCount: 1,
}

test.each<[Partial<DeliverySummary>, string | undefined]>([
  [{ state: 'delivered' }, undefined],
  [{ waitsFor: 'turn' }, 'an earlier event of the task is not done'],
  [{ waitsFor: 'held' }, 'held until it is resent or canceled'],
  [{ waitsFor: 'retry', nextAttemptAt: new Date(now + 90_000) }, 'retry in 1 min, at 2026-11-29 14:01:30Z'],
  [{ waitsFor: 'paused' }, 'taskhook endpoints resume crm'],
  [{ waitsFor: 'circuit' }, 'nothing succeeds'],
  [{ waitsFor: 'dispatcher' }, 'there is none'],
  [{ waitsFor: 'in-flight' }, 'under way'],
  [{ state: 'held' }, 'taskhook deliveries resend 1, or cancel 1'],
])('%j is said in words', (given, words) => {
  expect(String(describeWait({ ...delivery, ...given }, now))).toMatch(words ?? /^undefined$/)
})
