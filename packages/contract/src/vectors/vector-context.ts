import type { EventType } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import type {
  Feature,
  ReceiverVector,
  VectorExpectation,
  VectorReceiver,
  VectorRequest,
  VectorSituation,
} from './receiver-vector.ts'

/** What vectors are made with. */
export interface VectorContext {
  /** The receiver's clock. */
  now: Date
  /** The shared secret. */
  secret: string
  /** The `?key=` that the receiver takes. */
  key: string
  /** The path that is posted to. */
  path: string
  /** The secret that the receiver takes too during a rotation. Default: one of the vectors' own. */
  previousSecret?: string
  /**
   * The `webhook-id` of a vector, by its name. Default: the same for all. A receiver that runs needs one for each: to it, the second request
   * under one id is a repeat.
   */
  deliveryIdOf?: (name: string) => string
}

/** Another secret than the receiver's, which an attacker may have guessed. */
export const wrongSecret = 'not the secret of this receiver'
/** The secret that a receiver takes during a rotation, where the context names none. */
export const defaultPreviousSecret = 'the secret before this one'
/** A secret in the form of Standard Webhooks. */
export const standardSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
/** The first key pair of RFC 8032, section 7.1. It is public, so it is for tests alone. */
export const keyPair = {
  privateKey: 'whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==',
  publicKey: 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
}
/** The second one. */
export const otherKeyPair = {
  privateKey: 'whsk_TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs9QBfD6EOJWpK3CqdNG368nJgszy7ElozAzVXxKvRmDA==',
  publicKey: 'whpk_PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=',
}

export const taskId = '07c6ad8c-1f62-4e5f-9d9c-3a1f0c6f2b11'
export const deliveryId = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'
export const eventType: EventType = 'OrderAccepted'

/** How a request differs from the plain one, which has both signatures under the secret. */
interface RequestChanges {
  secret?: string | readonly string[] | false
  /** `x`: X-Signature alone. `standard`: the headers of Standard Webhooks alone. Default: both. */
  signatures?: 'x' | 'standard'
  body?: string | Uint8Array
  /** Seconds from the receiver's clock to the sender's. */
  sentIn?: number
  id?: string
  eventType?: EventType
  key?: string
  /** Headers to put in place of others; `undefined` takes one away. */
  headers?: Readonly<Record<string, string | undefined>>
  /** Headers to send after all others, also such that are there already. */
  more?: readonly (readonly [string, string])[]
  /** Another body than the one that is signed. */
  sentBody?: string | Uint8Array
}

/** What a vector says beside its request. */
export interface VectorParts extends RequestChanges {
  name: string
  why: string
  level?: 'must' | 'should'
  features?: readonly Feature[]
  situation?: VectorSituation
  receiver?: Partial<VectorReceiver>
  expected?: VectorExpectation
}

/** The plain event, handled. */
export function handled(
  more: Partial<Extract<VectorExpectation, { outcome: 'event' }>> = {},
): VectorExpectation {
  return { outcome: 'event', taskId, eventType, ...more }
}

/** Makes a vector of its parts: by default the plain request, which is handled. */
export function makeVector(context: VectorContext, parts: VectorParts): ReceiverVector {
  const { name, why, level = 'must', features = ['x-signature'], situation, receiver, expected } = parts
  const id = parts.id ?? context.deliveryIdOf?.(name) ?? deliveryId
  const request = makeRequest(context, { ...parts, id })
  const isStandard = parts.secret !== false && parts.signatures !== 'x'
  return {
    name,
    why,
    level,
    features,
    ...(situation !== undefined && { situation }),
    receiver: { secrets: [context.secret], ...receiver },
    request,
    expected: withDeliveryId(expected ?? handled(isStandard ? { deliveryId } : {}), id),
  }
}

/** An expectation that names the delivery names that of the request. */
function withDeliveryId(expected: VectorExpectation, id: string): VectorExpectation {
  return 'deliveryId' in expected ? { ...expected, deliveryId: id } : expected
}

function makeRequest({ now, secret, path }: VectorContext, changes: RequestChanges): VectorRequest {
  const signed = signedRequest({
    secret: changes.secret ?? secret,
    taskId,
    eventType: changes.eventType ?? eventType,
    id: changes.id ?? deliveryId,
    sentAt: new Date(now.getTime() + (changes.sentIn ?? 0) * 1000),
    url: path,
    standardWebhooks: changes.signatures !== 'x',
    ...(changes.body !== undefined && { body: changes.body as string }),
    ...(changes.key !== undefined && { key: changes.key }),
  })
  const headers: Record<string, string | undefined> = { ...signed.headers }
  if (changes.signatures === 'standard') delete headers['x-signature']
  Object.assign(headers, changes.headers)
  const body = Buffer.from((changes.sentBody ?? signed.body) as string)
  const text = body.toString()
  return {
    method: 'POST',
    url: signed.url,
    headers: [
      ...Object.entries(headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
      ...(changes.more ?? []),
    ],
    bodyBase64: body.toString('base64'),
    // Short ones only, and only where the text says all.
    ...(body.length <= 1000 && Buffer.from(text).equals(body) && { bodyText: text }),
  }
}
