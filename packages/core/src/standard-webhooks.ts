import { verify, type KeyObject } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import type { VerificationKeys } from './secret.ts'
import { anyMatches } from './signature.ts'
import { WebhookError } from './webhook-error.ts'
import type { ReadHeaders } from './webhook-headers.ts'

/** The three Standard Webhooks headers, all there and readable; nothing of it is verified yet. */
export interface StandardClaim {
  id: string
  timestamp: string
  /** `v1`: HMAC-SHA256. */
  signatures: readonly Buffer[]
  /** `v1a`: Ed25519. */
  asymmetric: readonly Buffer[]
}

/** What is known of the delivery once its Standard Webhooks signature has been verified. */
export interface VerifiedDelivery {
  /** The same for every attempt of one delivery. */
  id: string
  /** When this attempt was sent, in whole seconds. */
  sentAt: Date
}

// 32 bytes in standard Base64; RFC 4648 section 3.5 wants the two bits left over to be zero.
const version1 = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=?)$/
// 64 bytes leave four bits over.
const version1a = /^v1a,([A-Za-z0-9+/]{85}[AQgw](?:==)?)$/
// Each costs as much as a dozen requests with a shared secret; a rotation needs two.
const mostAsymmetric = 8

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
      'the request has Standard Webhooks headers but no webhook-signature',
    )
  }
  if (timestamp === undefined) {
    throw new WebhookError('timestamp_missing', 'the request has webhook-signature but no webhook-timestamp')
  }
  if (!id) {
    throw new WebhookError(
      'signature_malformed',
      'the request has webhook-signature but no webhook-id, which the signature covers',
    )
  }

  const signatures: Buffer[] = []
  const asymmetric: Buffer[] = []
  let malformed = false
  for (const entry of header.split(' ')) {
    const symmetric = version1.exec(entry)?.[1]
    const encoded = symmetric ?? version1a.exec(entry)?.[1]
    if (encoded !== undefined) {
      ;(symmetric === undefined ? asymmetric : signatures).push(Buffer.from(encoded, 'base64'))
    } else if (entry.startsWith('v1,') || !entry.includes(',')) malformed = true
    // Any other version is not known here, and does not count.
  }
  if (malformed && signatures.length + asymmetric.length === 0) {
    throw new WebhookError(
      'signature_malformed',
      'webhook-signature must be "v1,<Base64 of 32 bytes>" or "v1a,<Base64 of 64 bytes>", several of them separated by spaces',
    )
  }
  if (asymmetric.length > mostAsymmetric) {
    throw new WebhookError(
      'signature_malformed',
      `webhook-signature has ${asymmetric.length} v1a signatures, and the receiver checks at most ${mostAsymmetric}`,
    )
  }
  return { id, timestamp, signatures, asymmetric }
}

/**
 * Verifies the signature over `id.timestamp.body`, then that the timestamp is not further from now than the tolerance,
 * in either direction.
 *
 * @throws WebhookError `signature_mismatch`, `timestamp_missing` (no number), `timestamp_out_of_tolerance`.
 */
export function verifyStandardClaim(
  claim: StandardClaim,
  { body, keys, now, toleranceInSeconds }: StandardContext,
): VerifiedDelivery {
  const { id, timestamp, signatures } = claim
  const prefix = `${id}.${timestamp}.`
  const digests = keys.secrets.map((key) => hmacSha256(key, prefix, body))
  if (!anyMatches(digests, signatures) && !keys.publicKeys.some((key) => signedBy(key, claim, body))) {
    throw new WebhookError('signature_mismatch', describeMismatch(keys))
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
        `and the receiver allows ${toleranceInSeconds} s: the request is a replay, or a clock is wrong`,
    )
  }
  return { id, sentAt: new Date(Number(timestamp) * 1000) }
}

/** Whether a `v1a` signature of the claim is that of the key's owner (RFC 8032). All of it is public, so time may tell which. */
export function signedBy(
  key: KeyObject,
  { id, timestamp, asymmetric }: StandardClaim,
  body: Uint8Array,
): boolean {
  if (asymmetric.length === 0) return false
  const message = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
  return asymmetric.some((signature) => verify(undefined, message, key, signature))
}

function describeMismatch({ secrets, publicKeys }: VerificationKeys): string {
  if (publicKeys.length === 0) return 'webhook-signature has no v1 signature of this message under the secret'
  return secrets.length === 0
    ? 'webhook-signature has no v1a signature of this message under the public key'
    : 'webhook-signature has neither a v1 signature of this message under the secret nor a v1a signature under the public key'
}

/** What a claim is verified with. */
export interface StandardContext {
  body: Uint8Array
  keys: VerificationKeys
  /** Milliseconds since 1970. */
  now: number
  toleranceInSeconds: number
}
