import type { EventType, WebhookErrorCode } from '@taskhook/core'

/** What a receiver must support for a vector to concern it. `x-signature` is the least that there is. */
export type Feature = 'x-signature' | 'standard-webhooks' | 'ed25519' | 'key' | 'rotation' | 'repeats'

/**
 * What a request alone cannot bring about: how things stand in the receiver when the request comes. A receiver that cannot be
 * put there leaves the vector out.
 */
export type VectorSituation =
  | 'delivery-done'
  | 'delivery-in-progress'
  | 'dedupe-store-away'
  | 'secret-store-away'
  | 'inbox-away'
  | 'body-parsed-before'
  | 'body-cut-short'
  | 'body-stalls'

/** How the receiver is set up. */
export interface VectorReceiver {
  /** Any of them will do. `whsec_…` is Base64, `whpk_…` an Ed25519 public key, other text its UTF-8 bytes. */
  secrets: readonly string[]
  /** The accepted values of `?key=`; any value, or none, without it. */
  keys?: readonly string[]
  /** `required`: a request without the Standard Webhooks headers is refused. Default `when-present`. */
  replayProtection?: 'required'
  /** `reject`: an event type that is not known is refused. Default: acknowledged, and not handled. */
  unknownEvents?: 'reject'
}

/** A request, byte for byte. */
export interface VectorRequest {
  method: 'POST'
  /** The path and query. */
  url: string
  /** Names and values in the order in which they are sent; a name may come twice. */
  headers: readonly (readonly [name: string, value: string])[]
  /** The body's bytes. */
  bodyBase64: string
  /** The same as text, to be read by people, where it is UTF-8. */
  bodyText?: string
}

/** What the receiver makes of the request. */
export type VectorExpectation =
  | { outcome: 'event'; taskId: string; eventType: EventType; deliveryId?: string; installation?: string }
  /** Acknowledged with a 2xx; no handler is called. */
  | { outcome: 'ignored'; eventType: string }
  /** Acknowledged with a 2xx; no handler is called. */
  | { outcome: 'duplicate'; deliveryId: string }
  | { outcome: 'refused'; status: number; code: WebhookErrorCode }

/** One request, and what a receiver must make of it. */
export interface ReceiverVector {
  /** It stays the same from version to version. */
  name: string
  /** One sentence for people. */
  why: string
  /** `must`: what safety and the specification ask for. `should`: what makes life easier for senders of other versions. */
  level: 'must' | 'should'
  /** A receiver that lacks one of them leaves the vector out. */
  features: readonly Feature[]
  situation?: VectorSituation
  receiver: VectorReceiver
  request: VectorRequest
  expected: VectorExpectation
}
