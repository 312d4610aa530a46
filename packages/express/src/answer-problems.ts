import { checkOptions, OptionError, WebhookError } from '@taskhook/core'
import type { ErrorRequestHandler, Request } from 'express'
import { deliveries } from './deliveries.ts'

/** Options of {@link answerProblems}. */
export interface AnswerProblemsOptions {
  /**
   * Told of each request that was refused, before it is answered; to count or log them by `error.code`. Default: prints
   * those with a status of 500 or more, which are ours to mend, and of which the sender is not told why.
   */
  onRefused?: ((error: WebhookError, request: Request) => void) | undefined
}

/**
 * Makes the error middleware that answers a refused webhook with its status and `application/problem+json` (RFC 9457).
 * It passes other errors to the next error middleware; with a `dedupe` store, it gives the delivery back if the answer had begun. Without this middleware, Express answers in HTML and prints a
 * stack for each unsigned request. Mount it after the routes. Express 4 and 5.
 *
 * @throws OptionError when `onRefused` is not a function, or an option not known.
 * @example
 * app.post('/automation', verifyWebhook({ secret }), handler)
 * app.use(answerProblems())
 */
export function answerProblems(options: AnswerProblemsOptions = {}): ErrorRequestHandler {
  checkOptions<AnswerProblemsOptions>(options, { onRefused: true })
  const { onRefused = printOurs } = options
  if (typeof onRefused !== 'function') throw new OptionError('onRefused', 'must be a function')

  return (error: unknown, request, response, next) => {
    // An answer that has begun cannot become another: Express ends the connection, and no end of the response tells.
    if (response.headersSent) void deliveries.get(request)?.end(false, { error })
    if (!WebhookError.isInstance(error)) return next(error)
    onRefused(error, request)
    if (response.headersSent) return next(error)
    response.status(error.status).set(error.headers).type('application/problem+json')
    response.send(JSON.stringify(error.toProblem()))
  }
}

function printOurs(error: WebhookError): void {
  if (!error.expose) console.error(error)
}
