import type { AttemptErrorCode } from './attempt-error.ts'

/** What came of one attempt. {@link AttemptResult.outcome} says what to do next, the rest is for the record. */
export type AttemptResult = DeliveredAttempt | GoneAttempt | FailedAttempt

/** The receiver answered 2xx. */
export interface DeliveredAttempt extends AnsweredAttempt {
  outcome: 'delivered'
}

/** The receiver answered 410: it wants no more deliveries. */
export interface GoneAttempt extends AnsweredAttempt {
  outcome: 'gone'
}

/** The receiver answered otherwise, or not at all, or not completely: then there is an {@link FailedAttempt.errorCode}. */
export interface FailedAttempt extends Partial<AnsweredAttempt> {
  outcome: 'retry'
  durationInMs: number
  /** Why there is no complete answer. Not there when the answer is complete, see `status` then. */
  errorCode?: AttemptErrorCode
  /** What the network said, at most 500 characters, without secrets. */
  errorMessage?: string
  /** How long the receiver asks to wait, from `Retry-After`. Not bounded to anything sensible: it is the receiver's. */
  retryAfterInMs?: number
}

interface AnsweredAttempt {
  /** The status of the answer, also when the rest of it is missing. */
  status: number
  /** From `deliver` until the answer was read. */
  durationInMs: number
  response: AttemptResponse
}

/** What is kept of an answer. The receiver's words: not to be trusted, and not to be shown as HTML. */
export interface AttemptResponse {
  /** Lower-case names; several values of one name are joined by `, `. At most 16 KiB all together. */
  headers: Record<string, string>
  /** The first 16 KiB of the body as UTF-8, with U+FFFD for what is not. As sent: content codings are not undone. */
  excerpt: string
  /** Whether the body was longer than the excerpt. */
  truncated: boolean
}
