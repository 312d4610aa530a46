import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { isPublicKey, publicBytes } from './ed25519.ts'
import { signingKeys, verificationKeys } from './secret.ts'

/** An Ed25519 public key as JSON Web Key (RFC 8037 section 2). */
export interface Ed25519Jwk {
  kty: 'OKP'
  crv: 'Ed25519'
  /** The 32 bytes of the key in Base64url. */
  x: string
  /** The key's thumbprint (RFC 7638), which `webhook-key-id` names it by. */
  kid: string
  alg: 'EdDSA'
  use: 'sig'
}

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface Jwks {
  keys: Ed25519Jwk[]
}

/**
 * The public halves of a sender's Ed25519 keys as a JSON Web Key Set, to publish for its receivers. Shared secrets are left out.
 * During a rotation, publish the new key before you sign with it.
 *
 * @throws OptionError when a secret is malformed.
 * @example
 * app.get('/.well-known/jwks.json', (request, response) => response.json(toJwks(process.env['WEBHOOK_KEY'] ?? '')))
 */
export function toJwks(secret: string | readonly string[]): Jwks {
  const keys = [secret].flat().flatMap((one) => {
    if (typeof one === 'string' && isPublicKey(one)) return verificationKeys(one).publicKeys
    return signingKeys(one).filter(({ type }) => type === 'private')
  })
  return {
    keys: keys.map((key) => {
      const x = toX(key)
      return { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprint(x), alg: 'EdDSA', use: 'sig' }
    }),
  }
}

/** The `kid` of the public half of a private key. */
export function keyId(privateKey: KeyObject): string {
  return thumbprint(toX(privateKey))
}

function toX(key: KeyObject): string {
  return publicBytes(key.type === 'private' ? createPublicKey(key) : key).toString('base64url')
}

/** RFC 7638 section 3: the members that are required, in the order of the alphabet, without white space. */
function thumbprint(x: string): string {
  return hash('sha256', `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`, 'base64url')
}
