import type { AttemptErrorCode } from './attempt-error.ts'

/** The result of one attempt. `outcome` says what to do next. The rest is for the record. */
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
  /**
   * What the network said, and what to do about it; of a complete answer, what to do alone, where that can be told: that
   * redirects are not followed, that the secret differs, that TLS is missing. At most 500 characters, without secrets and
   * without the `key`.
   */
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

/**
 * What is kept of an answer, 4096 bytes of JSON at most. The receiver's words, with `***` for the `key`: not to be trusted,
 * and not to be shown as HTML.
 */
export interface AttemptResponse {
  /**
   * Lower-case names; several values of one name are joined by `, `. At most 1536 bytes: what tells the most (`content-type`,
   * `location`, `retry-after`, `server`, `date`) is kept first, and a value of more than 768 bytes is cut.
   */
  headers: Record<string, string>
  /** The beginning of the body as UTF-8, with U+FFFD for what is not. As sent: content codings are not undone. */
  excerpt: string
  /** Whether the body was longer than the excerpt. */
  truncated: boolean
}
