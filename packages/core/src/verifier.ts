import type { StandardSchemaV1 } from '@standard-schema/spec'
import { andThen } from './and-then.ts'
import { readSignatures, verifySignatures } from './authenticate.ts'
import { claimDelivery, settleNothing } from './claim-delivery.ts'
import { checkContentType } from './content-type.ts'
import {
  handleRequest,
  type AnsweringHandler,
  type HandleOptions,
  type RequestToHandle,
  type WebhookAnswer,
} from './handle-request.ts'
import { readInstallation } from './installation-key.ts'
import { OptionError } from './option-error.ts'
import { parseJson, readValidation, type UnknownEvent } from './payload.ts'
import { bodyAlreadyParsed, bodyTooLarge } from './refusals.ts'
import type { VerificationKeys } from './secret.ts'
import type { VerifiedDelivery } from './standard-webhooks.ts'
import type { TaskEvent } from './task-event.ts'
import { identifyTenant } from './tenant.ts'
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
  /** @throws WebhookError that says why the request is refused; OptionError for one that is not as {@link WebhookRequest} has it. */
  verify(request: WebhookRequest): Promise<Verification<E>>
  /**
   * The same as `verify`, without a promise if nothing has to be awaited: the secret is known from the start, there is
   * no dedupe store, and the schema answers at once. A request then costs less on frameworks that accept a hook without
   * a promise. It throws what `verify` rejects with. If it returns a promise, that promise rejects with the same.
   */
  verifyNow(request: WebhookRequest): Verification<E> | Promise<Verification<E>>
  /**
   * All of it, for what has no adapter: reads the body, verifies, runs the handler, settles, and says what to answer. A
   * refusal is answered as `application/problem+json` (RFC 9457), a handler that throws with a 500. An event type that is
   * not known and a repeat that was handled are answered with 204, and the handler does not run.
   *
   * @example
   * const answer = await verifier.handle({ headers: request.headers, url: request.url, body: request }, handler)
   * response.writeHead(answer.status, answer.headers).end(answer.body)
   */
  handle(
    request: RequestToHandle,
    handler: AnsweringHandler<E>,
    options?: HandleOptions,
  ): Promise<WebhookAnswer>
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
  const { bodyLimits } = resolved
  const now = (request: WebhookRequest): Verification<E> | Promise<Verification<E>> =>
    verifyNow(request, resolved)

  return {
    verify: async (request) => now(request),
    verifyNow: now,
    handle: (request, handler, handleOptions) =>
      handleRequest({ bodyLimits, verifyNow: now }, request, { handler, options: handleOptions }),
  }
}

function verifyNow<E>(
  request: WebhookRequest,
  resolved: ResolvedOptions<E>,
): Verification<E> | Promise<Verification<E>> {
  const { url, body } = checkRequest(request)
  if (typeof url !== 'string') throw new OptionError('url', 'must be a string: pass the href of a URL object')
  if (!(body instanceof Uint8Array)) throw bodyAlreadyParsed('give them as a Uint8Array')
  const { limitInBytes } = resolved.bodyLimits
  if (body.length > limitInBytes) throw bodyTooLarge(limitInBytes)
  const headers = readHeaders(request.headers)
  const installation = readInstallation(url)
  resolved.checkKey?.(installation)
  const received = { body, contentType: headers.contentType, installation }
  const authenticated = authenticate(request, headers, installation, resolved)
  // Not by andThen: the function that it is given would be made anew for each request that needs none.
  return authenticated instanceof Promise
    ? authenticated.then((known) => readAuthentic(received, known, resolved))
    : readAuthentic(received, authenticated, resolved)
}

function checkRequest(request: WebhookRequest): WebhookRequest {
  if (typeof request === 'object' && request !== null) return request
  throw new OptionError('request', 'must be { headers, url, body }')
}

interface Received {
  body: Uint8Array
  contentType: string | undefined
  installation: string | undefined
}

function readAuthentic<E>(
  received: Received,
  authenticated: Authenticated,
  resolved: ResolvedOptions<E>,
): Verification<E> | Promise<Verification<E>> {
  checkContentType(received.contentType, resolved.contentType)
  const payload = parseJson(received.body, resolved.parseText)
  const validated = resolved.schema['~standard'].validate(payload)
  const accept = (result: StandardSchemaV1.Result<E>): Verification<E> | Promise<Verification<E>> => {
    const parsed = readValidation(payload, result)
    return 'unknownEventType' in parsed
      ? ignore(parsed, received.installation, resolved)
      : claim(toWebhook(parsed.event, received, authenticated), authenticated, resolved)
  }
  return andThen(validated, accept)
}

function toWebhook<E>(
  event: E,
  { body, installation }: Received,
  { delivery, tenant }: Authenticated,
): VerifiedWebhook<E> {
  const webhook: VerifiedWebhook<E> = { event, rawBody: body }
  if (installation !== undefined) webhook.installation = installation
  if (delivery !== undefined) webhook.delivery = delivery
  if (tenant !== undefined) webhook.tenant = tenant
  return webhook
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

function claim<E>(
  webhook: VerifiedWebhook<E>,
  { delivery, tenant }: Authenticated,
  { dedupe, handlingTimeoutInMs }: ResolvedOptions<E>,
): Verification<E> | Promise<Verification<E>> {
  if (delivery === undefined || dedupe === undefined) {
    return { outcome: 'event', webhook, settle: settleNothing }
  }
  // Where each installation has a secret of its own, one may use the id of another's delivery, which must not make that a
  // repeat. A tenant's name has no dot, so no two pairs come to the same text.
  const toClaim =
    tenant === undefined
      ? { id: delivery.id, handlingTimeoutInMs }
      : { id: `${tenant}.${delivery.id}`, tenant, handlingTimeoutInMs }
  return claimDelivery(dedupe, toClaim).then((settle) =>
    settle === 'done' ? { outcome: 'duplicate', delivery } : { outcome: 'event', webhook, settle },
  )
}

/** What is known of a request once it is authentic. */
interface Authenticated {
  delivery: VerifiedDelivery | undefined
  /** The holder of the secret that signed the request. It is set only if there can be more than one holder. */
  tenant?: string
}

const unsigned: Authenticated = { delivery: undefined }

function authenticate<E>(
  { headers, body }: WebhookRequest,
  read: ReadHeaders,
  installation: string | undefined,
  { secretSource, replayProtection, toleranceInSeconds, now }: ResolvedOptions<E>,
): Authenticated | Promise<Authenticated> {
  if (secretSource === false) return unsigned
  const claims = readSignatures(read)
  const { standard } = claims
  const verify = (keys: VerificationKeys): Authenticated => ({
    delivery: verifySignatures(claims, { keys, body, replayProtection, toleranceInSeconds, now: now() }),
  })
  if (typeof secretSource !== 'function') return verify(secretSource)
  return secretSource({ headers, ...(installation !== undefined && { installation }) }).then((keys) => {
    const { delivery } = verify(keys)
    if (standard === undefined) return { delivery }
    return { delivery, tenant: identifyTenant({ standard, body, keys }) }
  })
}
