import { readSignatures, verifySignatures } from './authenticate.ts'
import { claimDelivery, settleNothing } from './claim-delivery.ts'
import { checkContentType } from './content-type.ts'
import { readInstallation } from './installation-key.ts'
import { parseJson, readValidation } from './payload.ts'
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
  const { checkKey, contentType, bodyLimitInBytes, parseText, schema, unknownEvents, onIgnored, dedupe } =
    resolved

  return {
    async verify(request) {
      const { url, body } = request
      if (!(body instanceof Uint8Array)) throw bodyAlreadyParsed('give them as a Uint8Array')
      if (body.length > bodyLimitInBytes) throw bodyTooLarge(bodyLimitInBytes)
      const headers = readHeaders(request.headers)
      const installation = readInstallation(url)
      checkKey?.(installation)
      // Awaited only where there is something to wait for: an await costs a tenth of the whole verification.
      const authenticated = authenticate(request, headers, installation, resolved)
      const delivery = authenticated instanceof Promise ? await authenticated : authenticated
      checkContentType(headers.contentType, contentType)

      const payload = parseJson(body, parseText)
      const validated = schema['~standard'].validate(payload)
      const parsed = readValidation(payload, validated instanceof Promise ? await validated : validated)
      if ('unknownEventType' in parsed) {
        const { unknownEventType: eventType, issues } = parsed
        if (unknownEvents === 'reject') {
          throw new WebhookError('event_type_unknown', 'the event type is not known here', { issues })
        }
        await onIgnored?.({ eventType, ...(installation !== undefined && { installation }) })
        return { outcome: 'ignored', eventType }
      }

      const webhook: VerifiedWebhook<E> = { event: parsed.event, rawBody: body }
      if (installation !== undefined) webhook.installation = installation
      if (delivery !== undefined) webhook.delivery = delivery
      if (delivery === undefined || dedupe === undefined)
        return { outcome: 'event', webhook, settle: settleNothing }
      const settle = await claimDelivery(dedupe, dedupeId(delivery.id, installation, resolved))
      return settle === 'done' ? { outcome: 'duplicate', delivery } : { outcome: 'event', webhook, settle }
    },
  }
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
