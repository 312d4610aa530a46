import type { AttemptRecord } from '../delivery.ts'
import type { SettledAttempt } from '../ledger.ts'

/** An attempt as it is stored: which one of its delivery it is says its place. */
export type StoredAttempt = Omit<AttemptRecord, 'number'>

/** The JSON of an attempt that ended, with the time of the next one if there is to be one. */
export function encodeAttempt(attempt: SettledAttempt, now: number, nextAttemptAt?: number): string {
  const stored: StoredAttempt = {
    startedAt: Math.round(now - attempt.startedAgoInMs),
    durationInMs: attempt.durationInMs,
    outcome: attempt.outcome,
  }
  if (attempt.status !== undefined) stored.status = attempt.status
  if (attempt.errorCode !== undefined) stored.errorCode = attempt.errorCode
  if (attempt.errorMessage !== undefined) stored.errorMessage = attempt.errorMessage
  if (attempt.response !== undefined) stored.response = attempt.response
  if (nextAttemptAt !== undefined) stored.nextAttemptAt = nextAttemptAt
  return JSON.stringify(stored)
}

/** The records of a delivery's attempts, from what is stored of them, the first one first. */
export function toAttemptRecords(stored: readonly (string | StoredAttempt)[]): AttemptRecord[] {
  return stored.map((attempt, index) => ({
    number: index + 1,
    ...(typeof attempt === 'string' ? (JSON.parse(attempt) as StoredAttempt) : attempt),
  }))
}
