/** When to try again, see {@link nextWaitInMs}. */
export interface RetryInput {
  /** The wait before each attempt, in milliseconds, the first included. */
  retryScheduleInMs: readonly number[]
  /** Attempts made since the delivery was accepted or resent, the one that just failed included. */
  tries: number
  /** What the receiver asked for. */
  retryAfterInMs?: number | undefined
  /** From 0 to 1, see {@link jitter}. */
  random: number
}

/** The longest wait that a receiver can ask for with `Retry-After`: as long as the longest of the default schedule. */
export const maxRetryAfterInMs: number = 24 * 60 * 60 * 1000

// Spreads what failed together, as Standard Webhooks asks; one fifth either way.
const jitter = 0.2

/**
 * How long a delivery that failed waits for its next attempt, in milliseconds: the schedule's wait with jitter, and not less than the
 * receiver asked for (bounded by {@link maxRetryAfterInMs}). `undefined` when the schedule has come to its end.
 */
export function nextWaitInMs({
  retryScheduleInMs,
  tries,
  retryAfterInMs = 0,
  random,
}: RetryInput): number | undefined {
  const wait = retryScheduleInMs[tries]
  if (wait === undefined) return undefined
  const spread = wait * (1 - jitter + 2 * jitter * random)
  return Math.max(Math.round(spread), Math.ceil(Math.min(retryAfterInMs, maxRetryAfterInMs)))
}
