import {
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
   * Told of what the handler or the dedupe store threw; the sender is answered with a 500 that does not say what.
   * Default `console.error`.
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
 * authentic webhooks through. It never rejects: a refused request is answered with `application/problem+json`
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
      if (WebhookError.isInstance(error)) return problem(error)
      onError(error, request)
      return internalError()
    }
  }

  async function handle(webhook: VerifiedWebhook<E>, request: Request, settle: Settle): Promise<Response> {
    let response: Response | void
    try {
      response = await handler(webhook, request)
    } catch (error) {
      await settle(false)
      throw error
    }
    response ??= new Response(null, { status: 204 })
    await settle(response.ok)
    return response
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
