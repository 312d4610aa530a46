import {
  createVerifier,
  readBodyLimits,
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
  const verifier = verifierFor(options)
  const body = await readRawBody(request, readBodyLimits(options))
  return verifier.verify({ headers: request.headers, url: request.url, body })
}

/** The verifier of one options object. */
export function verifierFor<E>(options: VerifierOptions<E>): WebhookVerifier<E> {
  const known = verifiers.get(options)
  if (known !== undefined) return known as WebhookVerifier<E>
  const verifier = createVerifier<E>({ ...options, contentType: options.contentType ?? 'required' })
  verifiers.set(options, verifier)
  return verifier
}
