import { hash, type KeyObject } from 'node:crypto'
import { publicBytes } from './ed25519.ts'
import { hmacSha256 } from './hmac.ts'
import type { VerificationKeys } from './secret.ts'
import { anyMatches } from './signature.ts'
import { signedBy, type StandardClaim } from './standard-webhooks.ts'

/** A verified claim, and the keys that it was verified with. */
export interface VerifiedClaim {
  standard: StandardClaim
  body: Uint8Array
  keys: VerificationKeys
}

/**
 * Names the holder of the secret that a request was signed with. `?key=` cannot name it: it is not signed, so one
 * recorded request could be sent again under each key that leads to the same secret. Of several secrets it is the last
 * that fits, which is the older one of a rotation, so that a retry has the name that its first attempt had.
 *
 * The name of a shared secret is a keyed hash, cut short: it tells no more of the secret than a signature on the wire does.
 */
export function identifyTenant({ standard, body, keys }: VerifiedClaim): string {
  const { id, timestamp, signatures } = standard
  const { secrets, publicKeys } = keys
  const prefix = `${id}.${timestamp}.`
  let found: KeyObject | undefined = secrets.length + publicKeys.length === 1 ? secrets[0] : undefined
  if (secrets.length + publicKeys.length > 1) {
    // Each secret is tried, so that the time taken does not tell which one fits.
    for (const key of secrets) if (anyMatches([hmacSha256(key, prefix, body)], signatures)) found = key
  }
  if (found !== undefined) return hmacSha256(found, 'taskhook tenant').toString('base64url', 0, 12)
  // It was verified, so one of them fits.
  const publicKey = publicKeys.findLast((key) => signedBy(key, standard, body)) as KeyObject
  return hash('sha256', publicBytes(publicKey), 'buffer').toString('base64url', 0, 12)
}
