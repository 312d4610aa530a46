import type { KeyObject } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import { anyMatches } from './signature.ts'
import type { StandardClaim } from './standard-webhooks.ts'

/** A verified claim, and the keys that it was verified with. */
export interface VerifiedClaim {
  standard: StandardClaim
  body: Uint8Array
  keys: readonly KeyObject[]
}

/**
 * Names the holder of the secret that a request was signed with. `?key=` cannot name it: it is not signed, so one
 * recorded request could be sent again under each key that leads to the same secret. Of several secrets it is the last
 * that fits, which is the older one of a rotation, so that a retry has the name that its first attempt had. All are tried,
 * also when one has fitted: the time taken tells how many there are, not which one it was.
 *
 * The name is a keyed hash, cut short: it tells no more of the secret than a signature on the wire does.
 */
export function identifyTenant({ standard, body, keys }: VerifiedClaim): string {
  const { id, timestamp, signatures } = standard
  const prefix = `${id}.${timestamp}.`
  // It was verified, so one of them fits: where there is only one, it is that.
  const fits = keys.length === 1 || keys.map((key) => anyMatches([hmacSha256(key, prefix, body)], signatures))
  const key = fits === true ? keys[0] : keys[fits.lastIndexOf(true)]
  return hmacSha256(key as KeyObject, 'taskhook tenant').toString('base64url', 0, 12)
}
