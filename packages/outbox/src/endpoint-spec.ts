import type { AttemptReport } from './delivery.ts'
import type { Claim } from './ledger.ts'

/** Where deliveries go: a function that makes one attempt, and how it wants to be called. */
export interface EndpointSpec {
  id: string
  /**
   * Makes one attempt. What goes wrong with it is in its report; should it reject, that counts as a failed attempt with
   * the error code `attempt_threw`.
   *
   * @param signal Aborted when the dispatcher stops or the lease is lost.
   */
  attempt: (delivery: Claim, signal: AbortSignal) => Promise<AttemptReport>
  /** How many attempts may be in flight at once. */
  maxConcurrency: number
  /** The wait before each attempt, in milliseconds, the first included; as many attempts as waits. */
  retryScheduleInMs: readonly number[]
}
