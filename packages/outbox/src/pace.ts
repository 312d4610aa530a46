/** How many attempts an endpoint takes at once, as a value: halved when it says that it is overloaded, regained slowly. */
export interface Pace {
  readonly limit: number
  readonly maxConcurrency: number
  /** Attempts that began by this time do not slow it down again. */
  readonly slowedAt: number
}

/** Statuses that say "too much", or that whoever is in front got no answer in time. */
const overloaded: ReadonlySet<number | undefined> = new Set([429, 502, 503, 504])

/** The pace of an endpoint that has not complained. */
export function fullPace(maxConcurrency: number): Pace {
  return { limit: maxConcurrency, maxConcurrency, slowedAt: Number.NEGATIVE_INFINITY }
}

/** An attempt, as far as the pace is concerned. Times are milliseconds since 1970. */
export interface PacedAttempt {
  outcome: 'delivered' | 'retry' | 'gone'
  status?: number | undefined
  startedAt: number
  now: number
}

/**
 * The pace after an attempt: additive increase, multiplicative decrease, as congestion control has it. All attempts that were
 * in flight when the endpoint complained count as one complaint.
 */
export function paceAfter(pace: Pace, { outcome, status, startedAt, now }: PacedAttempt): Pace {
  const { limit, maxConcurrency, slowedAt } = pace
  if (outcome === 'delivered') {
    return limit === maxConcurrency ? pace : { ...pace, limit: Math.min(maxConcurrency, limit + 1 / limit) }
  }
  if (!overloaded.has(status) || startedAt <= slowedAt) return pace
  return { ...pace, limit: Math.max(1, Math.floor(limit / 2)), slowedAt: now }
}
