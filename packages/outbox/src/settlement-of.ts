import type { AttemptReport } from './delivery.ts'
import type { Claim, Settlement } from './ledger.ts'
import { nextAttemptAt } from './retry-schedule.ts'

/** What a settlement is decided from. */
export interface SettlementInput {
  claim: Claim
  report: AttemptReport
  retryScheduleInMs: readonly number[]
  startedAt: number
  now: number
  /** From 0 to 1. */
  random: number
}

/**
 * What becomes of a delivery after an attempt. One whose endpoint is gone stays pending, and waits for somebody to resume the
 * endpoint, however many attempts were made.
 */
export function settlementOf({
  claim: { id, token, tries },
  report: { retryAfterInMs, ...report },
  retryScheduleInMs,
  startedAt,
  now,
  random,
}: SettlementInput): Settlement {
  const lease = { id, token }
  const attempt = { ...report, startedAt }
  if (report.outcome === 'delivered') return { lease, attempt, state: 'delivered', now }
  if (report.outcome === 'gone') return { lease, attempt, state: 'pending', readyAt: now, now }

  const nextAt = nextAttemptAt({ retryScheduleInMs, tries: tries + 1, retryAfterInMs, now, random })
  if (nextAt === undefined) return { lease, attempt, state: 'exhausted', now }
  return { lease, attempt: { ...attempt, nextAttemptAt: nextAt }, state: 'pending', readyAt: nextAt, now }
}
