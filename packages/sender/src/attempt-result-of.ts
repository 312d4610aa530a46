import type { IncomingHttpHeaders } from 'node:http'
import { attemptErrorCode } from './attempt-error-code.ts'
import type { AttemptResponse, AttemptResult } from './attempt-result.ts'
import { outcomeOf } from './outcome.ts'
import type { ResponseExcerpt } from './response-excerpt.ts'
import { retryAfterInMs } from './retry-after.ts'

/** As much of an answer as there is. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: ResponseExcerpt
}

/** How an attempt ended. */
export interface AttemptEnd {
  answer: Answer | undefined
  /** What ended it, if not the end of the answer. */
  error: Error | undefined
  durationInMs: number
  /** Milliseconds since 1970. */
  now: number
}

const maxMessageLength = 500

/**
 * The result of an attempt. An answer that was cut off proves nothing, as its status may be that of a proxy whose
 * server went away; but with more of it read than is kept, it has been answered, whatever becomes of the rest.
 */
export function attemptResultOf({ answer, error, durationInMs, now }: AttemptEnd): AttemptResult {
  if (answer === undefined) return { outcome: 'retry', durationInMs, ...failure(error) }

  const { status } = answer
  const response = responseOf(answer)
  const isComplete = error === undefined || response.truncated
  const outcome = isComplete ? outcomeOf(status) : 'retry'
  if (outcome !== 'retry') return { outcome, status, durationInMs, response }

  const wait = retryAfterInMs(response.headers['retry-after'] ?? '', now)
  return {
    outcome,
    status,
    durationInMs,
    response,
    ...(!isComplete && failure(error)),
    ...(wait !== undefined && { retryAfterInMs: wait }),
  }
}

function failure(error: Error | undefined) {
  return {
    errorCode: attemptErrorCode(error),
    errorMessage: messageOf(error).trim().slice(0, maxMessageLength),
  }
}

function messageOf(error: Error | undefined): string {
  // One error for each address of a host has no message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error?.message ?? ''
}

function responseOf({ headers, body }: Answer): AttemptResponse {
  const entries = Object.entries(headers).map(([name, value = '']): [string, string] => [
    name,
    typeof value === 'string' ? value : value.join(', '),
  ])
  return {
    headers: Object.fromEntries(entries),
    excerpt: body.text(),
    truncated: body.truncated,
  }
}
