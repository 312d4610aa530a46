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
 * Names the holder of the secret that signed a request. `?key=` cannot name it, because it is not signed: an attacker
 * could send a recorded request again under each key that leads to the same secret. If several secrets fit, the last
 * one counts. It is the older one of a rotation, so a retry gets the name that its first attempt had. The name of a
 * shared secret is a keyed hash, cut short. It reveals no more of the secret than a signature on the wire does.
 */
export function identifyTenant({ standard, body, keys }: VerifiedClaim): string {
  const { id, timestamp, signatures } = standard
  const { secrets, publicKeys } = keys
  const prefix = `${id}.${timestamp}.`
  // It was verified: where there is one key, it is that.
  const isOnly = secrets.length + publicKeys.length === 1
  const secret = isOnly
    ? secrets[0]
    : lastOf(secrets, (key) => anyMatches([hmacSha256(key, prefix, body)], signatures))
  const publicKey = isOnly ? publicKeys[0] : lastOf(publicKeys, (key) => signedBy(key, standard, body))
  if (secret !== undefined) return hmacSha256(secret, 'taskhook tenant').toString('base64url', 0, 12)
  return hash('sha256', publicBytes(publicKey as KeyObject), 'buffer').toString('base64url', 0, 12)
}

/** The last key that fits. Each is tried, so that the time taken does not tell which one it was. */
function lastOf(keys: readonly KeyObject[], fits: (key: KeyObject) => boolean): KeyObject | undefined {
  let found: KeyObject | undefined
  for (const key of keys) if (fits(key)) found = key
  return found
}
