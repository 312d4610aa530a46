import { hmacSha256 } from './hmac.ts'
import { anyMatches, decodeSignature } from './signature.ts'
import {
  readStandardClaim,
  verifyStandardClaim,
  type StandardClaim,
  type StandardContext,
  type VerifiedDelivery,
} from './standard-webhooks.ts'
import { WebhookError } from './webhook-error.ts'
import type { ReadHeaders } from './webhook-headers.ts'

/** The signatures that a request carries, well formed but not verified. At least one of the two is there. */
export interface SignatureClaims {
  signature: Buffer | undefined
  standard: StandardClaim | undefined
}

/**
 * Reads the signatures of a request.
 *
 * @throws WebhookError `signature_missing`, `signature_malformed`, `timestamp_missing`.
 */
export function readSignatures(headers: ReadHeaders): SignatureClaims {
  const standard = readStandardClaim(headers)
  if (headers.signature === undefined) {
    if (standard !== undefined) return { signature: undefined, standard }
    throw new WebhookError('signature_missing', 'the request has neither X-Signature nor webhook-signature')
  }
  const signature = decodeSignature(headers.signature)
  if (signature === undefined) {
    throw new WebhookError(
      'signature_malformed',
      'X-Signature must be one SHA-256 signature in hex, Base64 or Base64url',
    )
  }
  return { signature, standard }
}

/** What signatures are verified with. */
export interface AuthenticateContext extends StandardContext {
  replayProtection: 'when-present' | 'required'
}

/**
 * Verifies every signature that the request carries. `X-Signature` has no timestamp, so with replay protection
 * `required` it does not do alone: an attacker could strip the headers that stop a replay.
 *
 * @throws WebhookError `signature_missing`, `signature_mismatch`, `timestamp_missing`, `timestamp_out_of_tolerance`.
 */
export function verifySignatures(
  { signature, standard }: SignatureClaims,
  context: AuthenticateContext,
): VerifiedDelivery | undefined {
  const { keys, body, replayProtection } = context
  // Who knows only a public key cannot verify X-Signature, and goes by the other one alone.
  if (signature !== undefined && keys.secrets.length > 0) {
    const digests = keys.secrets.map((key) => hmacSha256(key, body))
    if (!anyMatches(digests, [signature])) {
      throw new WebhookError(
        'signature_mismatch',
        'X-Signature does not match these bytes and this secret: the sender has another secret, or the body was changed on its way',
      )
    }
  }
  if (standard !== undefined) return verifyStandardClaim(standard, context)
  if (keys.secrets.length === 0) {
    throw new WebhookError(
      'signature_missing',
      'the request has no webhook-signature, and X-Signature cannot be verified with a public key',
    )
  }
  if (replayProtection === 'required') {
    throw new WebhookError(
      'timestamp_missing',
      'the receiver requires replay protection, and the request has no webhook-id, webhook-timestamp and webhook-signature',
    )
  }
  return undefined
}
