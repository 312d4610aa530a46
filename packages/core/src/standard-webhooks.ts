import type { KeyObject } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import { anyMatches } from './signature.ts'
import { WebhookError } from './webhook-error.ts'
import type { ReadHeaders } from './webhook-headers.ts'

/** The three Standard Webhooks headers, all there and readable; nothing of it is verified yet. */
export interface StandardClaim {
  id: string
  timestamp: string
  signatures: readonly Buffer[]
}

/** What is known of the delivery once {@link StandardClaim} has been verified. */
export interface VerifiedDelivery {
  /** The same for every attempt of one delivery. */
  id: string
  /** When this attempt was sent, in whole seconds. */
  sentAt: Date
}

// 32 bytes in standard Base64; RFC 4648 section 3.5 wants the two bits left over to be zero.
const version1 = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=?)$/

/**
 * Reads the Standard Webhooks headers. A request with none of them makes no such claim: `undefined`. One with only some
 * of them is refused, since what is missing may have been stripped.
 *
 * @throws WebhookError `signature_missing`, `signature_malformed`, `timestamp_missing`.
 */
export function readStandardClaim({
  standardId: id,
  standardTimestamp: timestamp,
  standardSignature: header,
}: ReadHeaders): StandardClaim | undefined {
  if (id === undefined && timestamp === undefined && header === undefined) return undefined
  if (header === undefined) {
    throw new WebhookError(
      'signature_missing',
      'there are Standard Webhooks headers but no webhook-signature',
    )
  }
  if (timestamp === undefined) {
    throw new WebhookError('timestamp_missing', 'there is a webhook-signature but no webhook-timestamp')
  }
  if (!id) {
    throw new WebhookError(
      'signature_malformed',
      'there is a webhook-signature but no webhook-id, which it signs',
    )
  }

  const signatures: Buffer[] = []
  let malformed = false
  for (const entry of header.split(' ')) {
    const encoded = version1.exec(entry)?.[1]
    if (encoded !== undefined) signatures.push(Buffer.from(encoded, 'base64'))
    else if (entry.startsWith('v1,') || !entry.includes(',')) malformed = true
    // Whatever else has a version is one that is not known here: an asymmetric `v1a`, or one yet to come.
  }
  if (malformed && signatures.length === 0) {
    throw new WebhookError(
      'signature_malformed',
      'webhook-signature must be "v1,<Base64 of 32 bytes>", several of them separated by spaces',
    )
  }
  return { id, timestamp, signatures }
}

/**
 * Verifies the signature over `id.timestamp.body`, then that the timestamp is not further from now than the tolerance,
 * in either direction.
 *
 * @throws WebhookError `signature_mismatch`, `timestamp_missing` (no number), `timestamp_out_of_tolerance`.
 */
export function verifyStandardClaim(
  { id, timestamp, signatures }: StandardClaim,
  { body, keys, now, toleranceInSeconds }: StandardContext,
): VerifiedDelivery {
  const prefix = `${id}.${timestamp}.`
  const digests = keys.map((key) => hmacSha256(key, prefix, body))
  if (!anyMatches(digests, signatures)) {
    throw new WebhookError(
      'signature_mismatch',
      'webhook-signature has no v1 signature of this message under the secret',
    )
  }
  if (!/^[0-9]{1,12}$/.test(timestamp)) {
    throw new WebhookError(
      'timestamp_missing',
      'webhook-timestamp must be a whole number of seconds since 1970',
    )
  }
  const difference = Math.floor(now / 1000) - Number(timestamp)
  // Put so that a clock that gives no number is out of tolerance.
  if (!(Math.abs(difference) <= toleranceInSeconds)) {
    throw new WebhookError(
      'timestamp_out_of_tolerance',
      `webhook-timestamp is ${Math.abs(difference)} s in the ${difference > 0 ? 'past' : 'future'}, ` +
        `${toleranceInSeconds} s are allowed: a replay, or a clock that is wrong`,
    )
  }
  return { id, sentAt: new Date(Number(timestamp) * 1000) }
}

/** What a claim is verified with. */
export interface StandardContext {
  body: Uint8Array
  keys: readonly KeyObject[]
  /** Milliseconds since 1970. */
  now: number
  toleranceInSeconds: number
}
