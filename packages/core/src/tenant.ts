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
