import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { OptionError } from './option-error.ts'

const privatePrefix = 'whsk_'
const publicPrefix = 'whpk_'
const keyLength = 32
// RFC 8410 section 7: what stands before the 32 bytes of an Ed25519 private key in PKCS#8.
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')
// RFC 4648 section 4, padding optional.
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

/** An Ed25519 key pair as Standard Webhooks writes it. */
export interface Ed25519KeyPair {
  /** `whsk_…`: the sender's `secret`. Keep it like any other secret. */
  privateKey: string
  /** `whpk_…`: the receiver's `secret`. It may be shown to anybody. */
  publicKey: string
}

/**
 * Makes an Ed25519 key pair: `whsk_…` for the sender, `whpk_…` for its receivers. A receiver that knows only the public key
 * cannot forge a request, so it can show a third party who signed.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme"
 * @example
 * const { privateKey, publicKey } = generateEd25519Keys()
 */
export function generateEd25519Keys(): Ed25519KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const x = publicBytes(publicKey)
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d as string, 'base64url')
  return {
    privateKey: `${privatePrefix}${Buffer.concat([seed, x]).toString('base64')}`,
    publicKey: `${publicPrefix}${x.toString('base64')}`,
  }
}

/** Whether a secret is written as the private half of an Ed25519 key pair. */
export function isPrivateKey(secret: string): boolean {
  return secret.startsWith(privatePrefix)
}

/** Whether a secret is written as the public half of an Ed25519 key pair. */
export function isPublicKey(secret: string): boolean {
  return secret.startsWith(publicPrefix)
}

/**
 * Reads `whsk_…`: the Base64 of the 32 bytes of the private key (RFC 8032 section 5.1.5), or of those and the 32 bytes of
 * its public key, as most libraries write it.
 *
 * @throws OptionError when it is neither, or the two halves are no pair.
 */
export function readPrivateKey(secret: string, option: string): KeyObject {
  const bytes = decode(secret, privatePrefix, option)
  if (bytes.length !== keyLength && bytes.length !== 2 * keyLength) {
    throw new OptionError(
      option,
      `starts with "whsk_", and has ${bytes.length} bytes: an Ed25519 private key has 32, or 64 with its public key`,
    )
  }
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Start, bytes.subarray(0, keyLength)]),
    format: 'der',
    type: 'pkcs8',
  })
  if (bytes.length > keyLength && !publicBytes(createPublicKey(key)).equals(bytes.subarray(keyLength))) {
    throw new OptionError(
      option,
      'starts with "whsk_", and its public half does not belong to its private half',
    )
  }
  return key
}

/**
 * Reads `whpk_…`: the Base64 of the 32 bytes of an Ed25519 public key.
 *
 * @throws OptionError when it is something else.
 */
export function readPublicKey(secret: string, option: string): KeyObject {
  const bytes = decode(secret, publicPrefix, option)
  if (bytes.length !== keyLength) {
    throw new OptionError(
      option,
      `starts with "whpk_", and has ${bytes.length} bytes: an Ed25519 public key has ${keyLength}`,
    )
  }
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  })
}

/** The 32 bytes of a public key. */
export function publicBytes(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x as string, 'base64url')
}

/** Writes the 32 bytes of a public key as `whpk_…`. */
export function writePublicKey(bytes: Buffer): string {
  return `${publicPrefix}${bytes.toString('base64')}`
}

function decode(secret: string, prefix: string, option: string): Buffer {
  const encoded = secret.slice(prefix.length)
  if (!base64.test(encoded)) {
    throw new OptionError(option, `starts with "${prefix}", so the rest must be the Base64 of the key`)
  }
  return Buffer.from(encoded, 'base64')
}
