import {
  bodyUnreadable,
  OptionError,
  WebhookError,
  type Settle,
  type TaskEvent,
  type VerifiedWebhook,
  type VerifierOptions,
} from '@taskhook/core'
import { verifierFor, verifyWebhook } from './verify-webhook.ts'

/** Options of {@link webhookHandler}. */
export interface WebhookHandlerOptions<E = TaskEvent> extends VerifierOptions<E> {
  /**
   * Told of what the handler or the dedupe store threw, and of every other refusal with a status of 500 or more; the
   * sender is answered without saying what went wrong. Default `console.error`.
   */
  onError?: ((error: unknown, request: Request) => void) | undefined
}

/** What a handler may do: answer, or return nothing for a 204. */
export type WebhookRequestHandler<E> = (
  webhook: VerifiedWebhook<E>,
  request: Request,
) => Response | void | Promise<Response | void>

/**
 * Makes a Fetch handler, for Hono, Next.js, Bun, Deno or whatever has `Request` in and `Response` out, that lets only
 * authentic webhooks through. It rejects only with what `onError` throws: a refused request is answered with `application/problem+json`
 * (RFC 9457) and its status, a handler that throws with a 500. An event type that is not known and a repeat that was
 * handled before are answered with 204, and the handler does not run.
 *
 * @throws OptionError for an option that cannot work, at once.
 * @example
 * app.post('/automation', (context) => handle(context.req.raw)) // Hono
 * const handle = webhookHandler({ secret }, async ({ event }) => {
 *   await refreshTask(event.taskId)
 * })
 */
export function webhookHandler<E = TaskEvent>(
  options: WebhookHandlerOptions<E>,
  handler: WebhookRequestHandler<E>,
): (request: Request) => Promise<Response> {
  const { onError = (error) => console.error(error) } = options
  if (typeof onError !== 'function') throw new OptionError('onError', 'must be a function')
  if (typeof handler !== 'function') throw new OptionError('handler', 'must be a function')
  verifierFor(options)

  return async (request) => {
    try {
      const verification = await verifyWebhook(request, options)
      if (verification.outcome !== 'event') return new Response(null, { status: 204 })
      const { webhook, settle } = verification
      return await handle(webhook, request, settle)
    } catch (error) {
      const isRefusal = WebhookError.isInstance(error)
      // What the sender is not shown, somebody here has to see.
      if (!isRefusal || !error.expose) onError(error, request)
      return isRefusal ? problem(error) : internalError()
    }
  }

  async function handle(webhook: VerifiedWebhook<E>, request: Request, settle: Settle): Promise<Response> {
    const { signal } = request
    const end = (succeeded: boolean): Promise<void> =>
      settle(succeeded).catch((error: unknown) => onError(error, request))
    // A client that has gone sees no answer and sends again.
    signal.addEventListener('abort', () => void end(false), { once: true })
    let succeeded = false
    try {
      if (signal.aborted) throw bodyUnreadable(new Error('the client has gone'))
      const response = (await handler(webhook, request)) ?? new Response(null, { status: 204 })
      succeeded = response.ok
      return response
    } finally {
      await end(succeeded)
    }
  }
}

function problem(error: WebhookError): Response {
  return Response.json(error.toProblem(), {
    status: error.status,
    headers: { ...error.headers, 'content-type': 'application/problem+json' },
  })
}

function internalError(): Response {
  return Response.json(
    { type: 'about:blank', title: 'Internal Server Error', status: 500 },
    { status: 500, headers: { 'content-type': 'application/problem+json' } },
  )
}
