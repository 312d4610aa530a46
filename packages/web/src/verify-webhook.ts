import {
  checkOptions,
  createVerifier,
  observeRequest,
  observeSettle,
  readBodyLimits,
  verifierOptionNames,
  type RequestObservation,
  type TaskEvent,
  type Verification,
  type VerifierOptions,
  type WebhookVerifier,
} from '@taskhook/core'
import { readRawBody } from './read-raw-body.ts'

// One verifier for one options object, so that a handler can pass its options with each request at no cost.
const verifiers = new WeakMap<object, WebhookVerifier<unknown>>()

/**
 * Verifies a Fetch `Request`. For a handler that does it all, see `webhookHandler`. Make the options once, outside the
 * handler: they are checked and prepared on first sight.
 *
 * @throws WebhookError that says why the request is refused; OptionError for an option that cannot work.
 * @example
 * const verification = await verifyWebhook(request, options)
 * if (verification.outcome !== 'event') return new Response(null, { status: 204 })
 * await refreshTask(verification.webhook.event.taskId)
 * await verification.settle(true)
 */
export async function verifyWebhook<E = TaskEvent>(
  request: Request,
  options: VerifierOptions<E>,
): Promise<Verification<E>> {
  const observation = observeRequest(request.headers)
  const verification = await verifyObserved(request, options, observation)
  if (observation === undefined || verification.outcome !== 'event') return verification
  return { ...verification, settle: observeSettle(verification.settle, observation) }
}

/** Verifies a request, and tells what came of it. */
export async function verifyObserved<E>(
  request: Request,
  options: VerifierOptions<E>,
  observation: RequestObservation | undefined,
): Promise<Verification<E>> {
  const verifier = verifierFor(options)
  try {
    const body = await readRawBody(request, readBodyLimits(options))
    const verification = await verifier.verify({ headers: request.headers, url: request.url, body })
    observation?.verified(verification)
    return verification
  } catch (error) {
    observation?.refused(error)
    throw error
  }
}

/** The verifier of one options object. */
export function verifierFor<E>(options: VerifierOptions<E>): WebhookVerifier<E> {
  const known = verifiers.get(options)
  if (known !== undefined) return known as WebhookVerifier<E>
  // Before they are spread, which makes an object of whatever was given.
  checkOptions<VerifierOptions<E>>(options, verifierOptionNames)
  const { contentType = 'required' } = options ?? {}
  const verifier = createVerifier<E>({ ...options, contentType })
  verifiers.set(options, verifier)
  return verifier
}
