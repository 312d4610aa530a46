import { OptionError } from '@taskhook/core'
import type { AttemptReport } from '../delivery.ts'
import type { ReadDelivery } from '../ledger.ts'

/** Where deliveries go: a function that makes one attempt, and how it wants to be called. */
export interface EndpointSpec {
  id: string
  /**
   * Makes one attempt. What goes wrong with it is in its report; should it reject, that counts as a failed attempt with
   * the error code `attempt_threw`.
   *
   * @param signal Aborted when the outbox stops for longer than it may take, or the delivery belongs to another process now.
   */
  attempt: (delivery: ReadDelivery, signal: AbortSignal) => Promise<AttemptReport>
  /** How many attempts may be under way at once. */
  maxConcurrency: number
  /** The wait before each attempt, in milliseconds, the first included; as many attempts as waits. */
  retryScheduleInMs: readonly number[]
}

/**
 * Checks endpoints when they are given.
 *
 * @throws OptionError
 */
export function checkEndpoints(endpoints: readonly EndpointSpec[]): void {
  const ids = new Set<string>()
  for (const { id, attempt, maxConcurrency, retryScheduleInMs } of endpoints) {
    if (typeof id !== 'string' || id === '') refuse('an id must be a non-empty string')
    if (ids.has(id)) refuse(`the id ${id} is there twice`)
    ids.add(id)
    if (typeof attempt !== 'function') refuse('attempt must be a function')
    if (!Number.isSafeInteger(maxConcurrency) || maxConcurrency < 1) {
      refuse('maxConcurrency must be a positive integer')
    }
    if (!Array.isArray(retryScheduleInMs) || retryScheduleInMs.length === 0) {
      refuse('retryScheduleInMs must have an entry for each attempt')
    }
    if (!retryScheduleInMs.every((wait) => Number.isFinite(wait) && wait >= 0)) {
      refuse('retryScheduleInMs must have milliseconds, 0 or more')
    }
  }
}

function refuse(message: string): never {
  throw new OptionError('endpoints', message)
}
