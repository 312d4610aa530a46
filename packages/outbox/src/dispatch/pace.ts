import type { AttemptReport } from '../delivery.ts'

/** How many attempts an endpoint takes at once, as a value: halved when it says that it has too much to do, regained slowly. */
export interface Pace {
  readonly limit: number
  readonly maxConcurrency: number
  /** Attempts that began by this time do not slow it down again. Of a monotonic clock, in milliseconds. */
  readonly slowedAt: number
}

/** The pace of an endpoint that has not complained. */
export function fullPace(maxConcurrency: number): Pace {
  return { limit: maxConcurrency, maxConcurrency, slowedAt: Number.NEGATIVE_INFINITY }
}

/**
 * The pace after an attempt: additive increase, multiplicative decrease, as congestion control has it. All attempts that were
 * under way when the endpoint complained count as one complaint.
 */
export function paceAfter(
  pace: Pace,
  report: Pick<AttemptReport, 'outcome' | 'status' | 'retryAfterInMs'>,
  { startedAt, now }: { startedAt: number; now: number },
): Pace {
  const { limit, maxConcurrency, slowedAt } = pace
  if (report.outcome === 'delivered') {
    return limit === maxConcurrency ? pace : { ...pace, limit: Math.min(maxConcurrency, limit + 1 / limit) }
  }
  if (!isComplaint(report) || startedAt <= slowedAt) return pace
  return { ...pace, limit: Math.max(1, Math.floor(limit / 2)), slowedAt: now }
}

/**
 * Too many requests (RFC 6585 section 4), or unavailable for a time that it names (RFC 9110 section 15.6.4). Other failures may be
 * of one task alone, and must not slow the others.
 */
function isComplaint({ status, retryAfterInMs }: Pick<AttemptReport, 'status' | 'retryAfterInMs'>): boolean {
  return status === 429 || (status === 503 && retryAfterInMs !== undefined)
}
