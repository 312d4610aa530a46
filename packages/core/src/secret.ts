import { createSecretKey, type KeyObject } from 'node:crypto'
import { isPrivateKey, isPublicKey, readPrivateKey, readPublicKey } from './ed25519.ts'
import { OptionError } from './option-error.ts'

const standardPrefix = 'whsec_'
// Standard Webhooks, "Signature scheme": 24 to 64 bytes.
const fewestKeyBytes = 24
// RFC 4648 section 4, padding optional: groups of four, then what two or one remaining bytes leave.
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)$/

/**
 * The HMAC key of a secret: a `whsec_…` string is the Base64 of its key (Standard Webhooks, "Signature scheme"),
 * any other string is its UTF-8 bytes.
 *
 * @throws OptionError when the secret is not a string, empty, blank, an Ed25519 key (`whsk_`, `whpk_`), or `whsec_` with
 * something else than the Base64 of 24 bytes or more.
 */
export function secretKey(secret: string, option = 'secret'): KeyObject {
  if (typeof secret !== 'string') throw new OptionError(option, 'must be a string')
  if (secret.trim() === '') throw new OptionError(option, 'must not be empty or blank')
  if (isPrivateKey(secret) || isPublicKey(secret)) {
    // A public key taken for a shared secret would let everybody sign.
    throw new OptionError(option, 'is an Ed25519 key, and X-Signature needs a shared secret')
  }
  if (!secret.startsWith(standardPrefix)) return createSecretKey(secret, 'utf8')

  const encoded = secret.slice(standardPrefix.length)
  if (!base64.test(encoded)) {
    throw new OptionError(option, 'starts with "whsec_", so the rest must be the Base64 of the key')
  }
  if (Buffer.byteLength(encoded, 'base64') < fewestKeyBytes) {
    throw new OptionError(
      option,
      `starts with "whsec_", and its key is shorter than ${fewestKeyBytes} bytes: it can be guessed, or is cut short`,
    )
  }
  return createSecretKey(encoded, 'base64')
}

/**
 * The keys of one secret or of several (rotation).
 *
 * @throws OptionError as {@link secretKey}, and when there is none at all.
 */
export function secretKeys(secret: string | readonly string[], option = 'secret'): KeyObject[] {
  return readEach(secret, option, secretKey)
}

/** What a receiver verifies with: shared secrets, and public keys of senders that have an Ed25519 key pair. */
export interface VerificationKeys {
  readonly secrets: readonly KeyObject[]
  readonly publicKeys: readonly KeyObject[]
}

/**
 * The keys that a receiver verifies with: `whpk_…` is an Ed25519 public key, everything else as {@link secretKey}.
 *
 * @throws OptionError as {@link secretKeys}, and for a private key: it belongs to the sender alone.
 */
export function verificationKeys(secret: string | readonly string[], option = 'secret'): VerificationKeys {
  const keys = readEach(secret, option, (one, place) => {
    if (typeof one !== 'string') return secretKey(one, place)
    if (isPrivateKey(one)) {
      throw new OptionError(place, 'is a private key ("whsk_"): give a receiver the public key ("whpk_")')
    }
    return isPublicKey(one) ? readPublicKey(one, place) : secretKey(one, place)
  })
  return {
    secrets: keys.filter(({ type }) => type === 'secret'),
    publicKeys: keys.filter(({ type }) => type === 'public'),
  }
}

/**
 * The keys that a sender signs with, in the order given: `whsk_…` is an Ed25519 private key, everything else as {@link secretKey}.
 *
 * @throws OptionError as {@link secretKeys}, and for a public key, which signs nothing.
 */
export function signingKeys(secret: string | readonly string[], option = 'secret'): KeyObject[] {
  return readEach(secret, option, (one, place) => {
    if (typeof one !== 'string') return secretKey(one, place)
    if (isPublicKey(one)) {
      throw new OptionError(place, 'is a public key ("whpk_"): give a sender the private key ("whsk_")')
    }
    return isPrivateKey(one) ? readPrivateKey(one, place) : secretKey(one, place)
  })
}

function readEach(
  secret: string | readonly string[],
  option: string,
  read: (secret: string, option: string) => KeyObject,
): KeyObject[] {
  if (typeof secret === 'string') return [read(secret, option)]
  if (!Array.isArray(secret) || secret.length === 0) {
    throw new OptionError(option, 'must be a string or a non-empty array of strings')
  }
  return secret.map((one: string, index) => read(one, `${option}[${index}]`))
}
