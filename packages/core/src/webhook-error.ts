import { TaskhookError } from './taskhook-error.ts'

/** The HTTP status of each code that a request is refused with: all there are. */
export const webhookErrorStatuses = {
  signature_missing: 401,
  signature_malformed: 401,
  signature_mismatch: 401,
  key_missing: 401,
  key_unknown: 401,
  timestamp_missing: 401,
  timestamp_out_of_tolerance: 401,
  body_timeout: 408,
  body_too_large: 413,
  content_type_unsupported: 415,
  body_not_json: 400,
  body_empty: 400,
  body_unreadable: 400,
  payload_invalid: 400,
  task_id_mismatch: 400,
  event_type_unknown: 400,
  delivery_in_progress: 409,
  body_already_parsed: 500,
  secret_unavailable: 503,
  dedupe_unavailable: 503,
  inbox_unavailable: 503,
} as const

// A second is for a handler, which is short. Five are for a database: long enough for a restart, and short for a sender, which
// waits longer the more often it was refused.
const retryAfterInSeconds: { readonly [code: string]: number | undefined } = {
  delivery_in_progress: 1,
  secret_unavailable: 5,
  dedupe_unavailable: 5,
  inbox_unavailable: 5,
} satisfies Partial<Record<WebhookErrorCode, number>>

/** Why a request was refused. The codes are stable: branch on them, not on messages. */
export type WebhookErrorCode = keyof typeof webhookErrorStatuses

/** One thing a schema said about a payload. */
export interface WebhookIssue {
  readonly message: string
  /** Where in the payload, outermost key first. */
  readonly path: readonly PropertyKey[]
}

/** A refusal as `application/problem+json` (RFC 9457); `code` and `issues` are extension members (section 3.2). */
export interface WebhookProblem {
  /** The page about the code, {@link TaskhookError.documentation}. It identifies the type of the problem (section 3.1.1). */
  type: string
  /** The code in words. It is the same for each problem of a type (section 3.1.3). */
  title: string
  status: number
  detail?: string
  code: WebhookErrorCode
  issues?: readonly WebhookIssue[]
}

/**
 * A request that was refused, in the shape that Express, Fastify and http-errors understand: `status`, `statusCode`,
 * `expose` and `headers`. No secret, key or expected signature is ever in it.
 *
 * @example
 * import type { ErrorRequestHandler } from 'express'
 *
 * const answerRefusals: ErrorRequestHandler = (error, request, response, next) => {
 *   if (!WebhookError.isInstance(error)) return next(error)
 *   response.status(error.status).set(error.headers).json(error.toProblem())
 * }
 * app.use(answerRefusals)
 */
export class WebhookError extends TaskhookError {
  static override readonly errorName: string = 'WebhookError'
  declare readonly code: WebhookErrorCode
  /** The HTTP status to answer with. */
  readonly status: number
  /** Same as {@link status}, under the name that Fastify reads. */
  readonly statusCode: number
  /** Whether the message may be shown to the client: true below 500. */
  readonly expose: boolean
  /** Headers to answer with. Default: `retry-after` where a later attempt may not be refused, which is with status 409 and 503. */
  readonly headers: Readonly<Record<string, string>>
  /** What the schema said, with `payload_invalid`, `task_id_mismatch` and `event_type_unknown`. */
  declare readonly issues?: readonly WebhookIssue[]

  constructor(
    code: WebhookErrorCode,
    message: string,
    { cause, issues, headers = defaultHeaders(code) }: WebhookErrorDetails = {},
  ) {
    super(code, message, cause === undefined ? undefined : { cause })
    this.status = webhookErrorStatuses[code]
    this.statusCode = this.status
    this.expose = this.status < 500
    this.headers = headers
    if (issues !== undefined) this.issues = issues
  }

  /** The problem details to answer with; the message is left out where the client should not see it. */
  toProblem(): WebhookProblem {
    return {
      type: this.documentation,
      title: toTitle(this.code),
      status: this.status,
      ...(this.expose && { detail: this.message }),
      code: this.code,
      ...(this.issues && { issues: this.issues }),
    }
  }
}

function defaultHeaders(code: WebhookErrorCode): Record<string, string> {
  const seconds = retryAfterInSeconds[code]
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}

/** `task_id_mismatch` as "Task ID mismatch". */
function toTitle(code: WebhookErrorCode): string {
  const words = code.replaceAll('_', ' ').replaceAll(/\b(?:id|json)\b/g, (word) => word.toUpperCase())
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** What a {@link WebhookError} can carry besides its code and message. */
export interface WebhookErrorDetails {
  cause?: unknown
  issues?: readonly WebhookIssue[]
  headers?: Readonly<Record<string, string>>
}
