import {
  bodyUnreadable,
  checkOptions,
  observeRequest,
  OptionError,
  receiveWebhook,
  verifierOptionNames,
  WebhookError,
  type HandlingFailure,
  type ReceivedWebhook,
  type RequestObservation,
  type TaskEvent,
  type Verification,
  type VerifierOptions,
} from '@taskhook/core'
import { verifierFor, verifyObserved } from './verify-webhook.ts'

/** Options of {@link webhookHandler}. */
export interface WebhookHandlerOptions<E = TaskEvent> extends VerifierOptions<E> {
  /**
   * Told of what the handler or the dedupe store threw, and of every other refusal with a status of 500 or more; the
   * sender is answered without saying what went wrong. Default `console.error`.
   */
  onError?: ((error: unknown, request: Request) => void) | undefined
  /** Told of each request that was refused, before it is answered; to count or log them by `error.code`. Default: nothing. */
  onRefused?: ((error: WebhookError, request: Request) => void) | undefined
}

/** What a handler may do: answer, or return nothing for a 204. */
export type WebhookRequestHandler<E> = (
  webhook: ReceivedWebhook<E>,
  request: Request,
) => Response | void | Promise<Response | void>

/**
 * Makes a Fetch handler, for Hono, Next.js, Bun, Deno and all that has `Request` in and `Response` out, that lets only
 * authentic webhooks through. It rejects only with what `onError` or `onRefused` throws: a refused request is answered with `application/problem+json`
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
  checkOptions<WebhookHandlerOptions<E>>(options, { ...verifierOptionNames, onError: true, onRefused: true })
  if (options === undefined) throw new OptionError('options', 'must be given')
  const { onError = (error) => console.error(error), onRefused, ...verifierOptions } = options
  if (typeof onError !== 'function') throw new OptionError('onError', 'must be a function')
  if (onRefused !== undefined && typeof onRefused !== 'function') {
    throw new OptionError('onRefused', 'must be a function')
  }
  if (typeof handler !== 'function') throw new OptionError('handler', 'must be a function')
  verifierFor(verifierOptions)

  return async (request) => {
    const observation = observeRequest(request.headers)
    try {
      const verification = await verifyObserved(request, verifierOptions, observation)
      if (verification.outcome !== 'event') return new Response(null, { status: 204 })
      return await handle(verification, { request, observation })
    } catch (error) {
      const isRefusal = WebhookError.isInstance(error)
      if (isRefusal) onRefused?.(error, request)
      // What the sender is not shown has to be seen here.
      if (!isRefusal || !error.expose) onError(error, request)
      return isRefusal ? problem(error) : internalError()
    }
  }

  async function handle(
    verification: Extract<Verification<E>, { outcome: 'event' }>,
    { request, observation }: { request: Request; observation: RequestObservation | undefined },
  ): Promise<Response> {
    const report = (error: unknown): void => onError(error, request)
    const { webhook, delivery } = receiveWebhook(verification, report, observation)
    let succeeded = false
    let failure: HandlingFailure | undefined
    try {
      // Asked here and no more: a listener for `abort` would be kept, and with it all of the request, by servers that use
      // one signal again. The claim is held until the handler has ended, so its client may go.
      if (request.signal.aborted) throw bodyUnreadable(new Error('the client has gone'))
      const run = (): ReturnType<typeof handler> => handler(webhook, request)
      const response =
        (await (observation === undefined ? run() : observation.run(run))) ??
        new Response(null, { status: 204 })
      const { status }: { status: unknown } = response
      // By its status, since there is more than one class of the name. What has none is nothing that could be sent.
      if (typeof status !== 'number') throw new OptionError('handler', 'must return a Response, or nothing')
      succeeded = status >= 200 && status < 300
      failure = { status }
      return response
    } catch (error) {
      failure = { error }
      throw error
    } finally {
      await delivery.end(succeeded, failure)
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
