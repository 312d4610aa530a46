import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import {
  bodyUnreadable,
  checkOptions,
  createVerifier,
  isClaimed,
  isGone,
  observeRequest,
  readBodyLimits,
  receiveAgain,
  receiveWebhook,
  settleWithResponse,
  verifierOptionNames,
  WebhookError,
  type ReceivedWebhook,
  type RequestObservation,
  type TaskEvent,
  type Verification,
  type VerifierOptions,
} from '@taskhook/core'
import { deliveries } from './deliveries.ts'
import { readRawBody } from './read-raw-body.ts'
import type { WebhookRequestHandler } from './request-handler.ts'

/**
 * Makes the Express middleware that lets only authentic webhooks through, as `request.webhook`. Mount it on the route
 * of the webhook, above any body parser; `express.raw()` before it is fine. Express 4 and 5.
 *
 * A refused request goes to `next(error)` as a `WebhookError`, with its `status`. An event type that is not known and a
 * repeat that was handled before are answered with 204, and the handler does not run.
 *
 * @throws OptionError for an option that cannot work, at once.
 * @example
 * app.post('/automation', verifyWebhook({ secret }), async (request, response) => {
 *   await refreshTask(request.webhook.event.taskId)
 *   response.sendStatus(204)
 * })
 */
export function verifyWebhook<E = TaskEvent>(options: VerifierOptions<E>): WebhookRequestHandler<E> {
  // Before they are spread, which makes an object of whatever was given.
  checkOptions<VerifierOptions<E>>(options, verifierOptionNames)
  const { contentType = 'required' } = options ?? {}
  const checked = { ...options, contentType }
  const verifier = createVerifier<E>(checked)
  // For a request whose delivery is claimed already, as this is mounted twice.
  const verifierAgain = options.dedupe && createVerifier<E>({ ...checked, dedupe: undefined })
  const limits = readBodyLimits(options)

  return (request, response, next) => {
    const earlier: Earlier | undefined = request.webhook
    // Mounted twice, the first one tells of the request.
    const observation = earlier === undefined ? observeRequest(request.headers) : undefined
    const chosen = (earlier && isClaimed(earlier) && verifierAgain) || verifier
    readRawBody(request, limits)
      // originalUrl, since a router has cut its mount path off url.
      .then((body) => chosen.verifyNow({ headers: request.headers, url: request.originalUrl, body }))
      .then(
        (verification) => {
          observation?.verified(verification)
          if (verification.outcome !== 'event') return response.status(204).end()
          // The type says which event it is, in a way that only the handlers after this one can see.
          request.webhook = receive(verification, {
            request,
            response,
            earlier,
            observation,
          }) as typeof request.webhook
          if (isGone(response)) return next(bodyUnreadable(new Error('the client has gone')))
          return observation === undefined ? next() : observation.run(() => next())
        },
        (error: unknown) => {
          observation?.refused(error)
          // An error middleware of the application's may set no header of the error's.
          if (isTimeout(error)) response.set('connection', 'close')
          next(error)
        },
      )
  }
}

type Earlier = Pick<ReceivedWebhook<unknown>, 'settle' | 'waitUntil'>

interface Receiving {
  request: IncomingMessage
  response: ServerResponse
  earlier: Earlier | undefined
  observation: RequestObservation | undefined
}

function receive<E>(
  verification: Extract<Verification<E>, { outcome: 'event' }>,
  { request, response, earlier, observation }: Receiving,
): ReceivedWebhook<E> {
  if (earlier && isClaimed(earlier)) return receiveAgain(verification.webhook, earlier)
  const { webhook, delivery } = receiveWebhook(verification, warn, observation)
  settleWithResponse(response, delivery)
  if (!delivery.isSettled) deliveries.set(request, delivery)
  return webhook
}

function isTimeout(error: unknown): boolean {
  return WebhookError.isInstance(error) && error.code === 'body_timeout'
}

function warn(error: unknown): void {
  process.emitWarning('the dedupe store failed after the webhook was answered', {
    code: 'TASKHOOK_DEDUPE_FAILED',
    detail: inspect(error),
  })
}
