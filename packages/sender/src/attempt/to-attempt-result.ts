import type { Answer } from './answer.ts'
import type { AttemptResult, FailedAttempt } from './attempt-result.ts'
import type { ConcealKey } from './conceal-key.ts'
import { findHint, type FailedAnswer, type HintContext } from './find-hint.ts'
import { judgeError } from './judge-error.ts'
import { judgeStatus } from './judge-status.ts'
import { retryAfterInMs } from './retry-after.ts'
import { toStoredResponse } from './stored-response.ts'

/** How an attempt ended. */
export interface AttemptEnd {
  answer: Answer | undefined
  /** What ended it, if not the end of the answer. */
  error: Error | undefined
  durationInMs: number
}

/** What results at one endpoint depend on. */
export interface ResultContext extends HintContext {
  /** Milliseconds since 1970. */
  now: () => number
  /** For an endpoint with a key. */
  conceal: ConcealKey | undefined
}

const maxMessageLength = 500

/**
 * The result of an attempt. An answer that was cut off proves nothing, because its status may come from a proxy whose
 * server went away. But if more of it was read than is kept, it counts as answered, whatever happens to the rest.
 */
export function toAttemptResult(
  { answer, error, durationInMs }: AttemptEnd,
  context: ResultContext,
): AttemptResult {
  if (answer === undefined) return { outcome: 'retry', durationInMs, ...describeFailure({ error }, context) }

  const { status } = answer
  const response = toStoredResponse(answer, context.conceal)
  const isComplete = error === undefined || response.truncated
  const outcome = isComplete ? judgeStatus(status) : 'retry'
  if (outcome !== 'retry') return { outcome, status, durationInMs, response }

  const { location, 'retry-after': retryAfter = '' } = answer.headers
  const wait = retryAfterInMs(retryAfter, context.now())
  const failed = isComplete ? { status, location, excerpt: response.excerpt } : { error }
  return {
    outcome,
    status,
    durationInMs,
    response,
    ...describeFailure(failed, context),
    ...(wait !== undefined && { retryAfterInMs: wait }),
  }
}

/** The code and message of a failure; of a complete answer, a message only where there is something to do about it. */
export function describeFailure(
  { status, location, excerpt = '', error }: Partial<FailedAnswer>,
  context: Omit<ResultContext, 'now'>,
): Pick<FailedAttempt, 'errorCode' | 'errorMessage'> {
  const errorCode = status === undefined ? judgeError(error) : undefined
  const hint = findHint({ status, location, excerpt, errorCode, error }, context)
  const said = describeError(error).trim().slice(0, maxMessageLength)
  const message = [said, hint].filter(Boolean).join('; ')
  const errorMessage = (context.conceal?.(message) ?? message).slice(0, maxMessageLength)
  return {
    ...(errorCode !== undefined && { errorCode }),
    ...((errorCode !== undefined || message !== '') && { errorMessage }),
  }
}

function describeError(error: Error | undefined): string {
  // One error for each address of a host has no message of its own.
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ')
  return readable(error?.message ?? '')
}

/** Of what OpenSSL says, the reason alone: the rest is a thread, a number and lines of its source. */
function readable(message: string): string {
  return /^[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1] ?? message
}
