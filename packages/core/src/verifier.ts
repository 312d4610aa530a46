import { andThen } from './and-then.ts'
import { readSignatures, verifySignatures } from './authenticate.ts'
import { claimDelivery, settleNothing } from './claim-delivery.ts'
import { checkContentType } from './content-type.ts'
import { readInstallation } from './installation-key.ts'
import { parseJson, readValidation, type UnknownEvent } from './payload.ts'
import { bodyAlreadyParsed, bodyTooLarge } from './refusals.ts'
import type { VerifiedDelivery } from './standard-webhooks.ts'
import type { TaskEvent } from './task-event.ts'
import type { Verification, VerifiedWebhook } from './verification.ts'
import { resolveOptions, type ResolvedOptions, type VerifierOptions } from './verifier-options.ts'
import { WebhookError } from './webhook-error.ts'
import { readHeaders, type ReadHeaders, type WebhookHeaders } from './webhook-headers.ts'

/** A request as a verifier takes it. */
export interface WebhookRequest {
  headers: WebhookHeaders
  /** As it arrived: absolute, or the path and query. It is read for `?key=`. */
  url: string
  /** The bytes as they arrived. */
  body: Uint8Array
}

/** See {@link createVerifier}. */
export interface WebhookVerifier<E = TaskEvent> {
  /** @throws WebhookError that says why the request is refused. */
  verify(request: WebhookRequest): Promise<Verification<E>>
  /**
   * The same without a promise where nothing has to be waited for: a secret that is known from the start, no dedupe
   * store, a schema that answers at once. A request costs less so, on frameworks that take a hook without a promise. It
   * throws what `verify` rejects with; a promise that it returns rejects with the same.
   */
  verifyNow(request: WebhookRequest): Verification<E> | Promise<Verification<E>>
}

/**
 * Makes the verifier that every adapter sits on. Options are checked and keys prepared here, once.
 *
 * The order of the checks is: size, key, signatures, timestamp, content type, JSON, schema, dedupe. So nothing of a
 * body is parsed before the request is known to be authentic.
 *
 * @throws OptionError for an option that cannot work.
 * @example
 * const verifier = createVerifier({ secret })
 * const verification = await verifier.verify({ headers, url, body })
 * if (verification.outcome === 'event') {
 *   await handle(verification.webhook.event)
 *   await verification.settle(true)
 * }
 */
export function createVerifier<E = TaskEvent>(options: VerifierOptions<E>): WebhookVerifier<E> {
  const resolved = resolveOptions(options)
  return {
    verify: async (request) => verifyNow(request, resolved),
    verifyNow: (request) => verifyNow(request, resolved),
  }
}

function verifyNow<E>(
  request: WebhookRequest,
  resolved: ResolvedOptions<E>,
): Verification<E> | Promise<Verification<E>> {
  const { url, body } = request
  if (!(body instanceof Uint8Array)) throw bodyAlreadyParsed('give them as a Uint8Array')
  if (body.length > resolved.bodyLimitInBytes) throw bodyTooLarge(resolved.bodyLimitInBytes)
  const headers = readHeaders(request.headers)
  const installation = readInstallation(url)
  resolved.checkKey?.(installation)
  return andThen(authenticate(request, headers, installation, resolved), (delivery) => {
    checkContentType(headers.contentType, resolved.contentType)
    const payload = parseJson(body, resolved.parseText)
    return andThen(resolved.schema['~standard'].validate(payload), (validated) => {
      const parsed = readValidation(payload, validated)
      return 'unknownEventType' in parsed
        ? ignore(parsed, installation, resolved)
        : claim(toWebhook(parsed.event, body, installation, delivery), resolved)
    })
  })
}

function ignore<E>(
  { unknownEventType: eventType, issues }: UnknownEvent,
  installation: string | undefined,
  { unknownEvents, onIgnored }: ResolvedOptions<E>,
): Verification<E> | Promise<Verification<E>> {
  if (unknownEvents === 'reject') {
    throw new WebhookError('event_type_unknown', 'the event type is not known here', { issues })
  }
  const told = onIgnored?.({ eventType, ...(installation !== undefined && { installation }) })
  return andThen(told, () => ({ outcome: 'ignored', eventType }))
}

function toWebhook<E>(
  event: E,
  rawBody: Uint8Array,
  installation: string | undefined,
  delivery: VerifiedDelivery | undefined,
): VerifiedWebhook<E> {
  const webhook: VerifiedWebhook<E> = { event, rawBody }
  if (installation !== undefined) webhook.installation = installation
  if (delivery !== undefined) webhook.delivery = delivery
  return webhook
}

function claim<E>(
  webhook: VerifiedWebhook<E>,
  resolved: ResolvedOptions<E>,
): Verification<E> | Promise<Verification<E>> {
  const { delivery, installation } = webhook
  if (delivery === undefined || resolved.dedupe === undefined) {
    return { outcome: 'event', webhook, settle: settleNothing }
  }
  return claimDelivery(resolved.dedupe, dedupeId(delivery.id, installation, resolved)).then((settle) =>
    settle === 'done' ? { outcome: 'duplicate', delivery } : { outcome: 'event', webhook, settle },
  )
}

function authenticate<E>(
  { headers, body }: WebhookRequest,
  read: ReadHeaders,
  installation: string | undefined,
  { secretSource, replayProtection, toleranceInSeconds, now }: ResolvedOptions<E>,
): VerifiedDelivery | undefined | Promise<VerifiedDelivery | undefined> {
  if (secretSource === false) return undefined
  const claims = readSignatures(read)
  const verify = (keys: Parameters<typeof verifySignatures>[1]['keys']) =>
    verifySignatures(claims, { keys, body, replayProtection, toleranceInSeconds, now: now() })
  if (typeof secretSource !== 'function') return verify(secretSource)
  return secretSource({ headers, ...(installation !== undefined && { installation }) }).then(verify)
}

/**
 * Under what a delivery is remembered. Where each installation has a secret of its own, nothing keeps one from using the id
 * of another's delivery, which must not make that a repeat. Elsewhere `?key=` is left out: it is not signed, so a replay could
 * change it.
 */
function dedupeId<E>(
  id: string,
  installation: string | undefined,
  { secretSource }: ResolvedOptions<E>,
): string {
  // As JSON, so that no two pairs come to the same text.
  return typeof secretSource === 'function' ? JSON.stringify([installation, id]) : id
}
