import { createSecretKey, type KeyObject } from 'node:crypto'
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
 * @throws OptionError when the secret is not a string, empty, blank, or `whsec_` with something else than the
 * Base64 of 24 bytes or more.
 */
export function secretKey(secret: string, option = 'secret'): KeyObject {
  if (typeof secret !== 'string') throw new OptionError(option, 'must be a string')
  if (secret.trim() === '') throw new OptionError(option, 'must not be empty or blank')
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
  if (typeof secret === 'string') return [secretKey(secret, option)]
  if (!Array.isArray(secret) || secret.length === 0) {
    throw new OptionError(option, 'must be a string or a non-empty array of strings')
  }
  return secret.map((one: string, index) => secretKey(one, `${option}[${index}]`))
}
