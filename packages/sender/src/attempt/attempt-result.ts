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

/**
 * The receiver gave another answer, no answer or an incomplete one. Without a complete answer, there is an {@link
 * FailedAttempt.errorCode}.
 */
export interface FailedAttempt extends Partial<AnsweredAttempt> {
  outcome: 'retry'
  durationInMs: number
  /** Why there is no complete answer. A complete answer has none: see its `status`. */
  errorCode?: AttemptErrorCode
  /**
   * The network's error and what to do about it. For a complete answer, it says what to do if the answer shows that:
   * redirects are not followed, the secret differs, or TLS is missing. At most 500 characters, without secrets and
   * without the `key`.
   */
  errorMessage?: string
  /** How long the receiver asks to wait, from `Retry-After`. The receiver chose it, so it may be any number. */
  retryAfterInMs?: number
}

interface AnsweredAttempt {
  /** The status of the answer, also if the rest of the answer is missing. */
  status: number
  /** From `deliver` until the answer was read. */
  durationInMs: number
  response: AttemptResponse
}

/**
 * The stored part of an answer, at most 4096 bytes of JSON. The receiver wrote it: do not trust it, and do not show it
 * as HTML. The `key` in it is replaced by `***`.
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
