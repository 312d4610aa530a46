import { timingSafeEqual } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import { OptionError } from './option-error.ts'
import { secretKey, secretKeys } from './secret.ts'

/**
 * The value of `X-Signature`: HMAC-SHA256 of the exact body, in lower-case hex. A string is its UTF-8 bytes.
 *
 * @throws OptionError when the secret is empty, blank, or a malformed `whsec_…`, or the body is neither bytes nor a string.
 * @example
 * sign('{"orderId":"1","eventType":"OrderSigned","taskId":"1"}', secret)
 */
export function sign(body: Uint8Array | string, secret: string): string {
  checkSignedBody(body)
  return hmacSha256(secretKey(secret), body).toString('hex')
}

/**
 * Refuses a body that is neither bytes nor a string: what is signed of an object is not what goes over the wire.
 *
 * @throws OptionError
 */
export function checkSignedBody(body: unknown): void {
  if (typeof body === 'string' || body instanceof Uint8Array) return
  throw new OptionError('body', 'must be the bytes or the string that is sent')
}

// Tested before decoding, since Node.js decodes the low byte of a character: it takes U+0130 for "0".
const notHex = /[^0-9a-fA-F]/
// 32 bytes are 42 whole characters and 4 bits; RFC 4648 section 3.5 wants the two bits left over to be zero.
const base64 = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=?$/
const base64url = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]=?$/

/**
 * The 32 bytes of one `X-Signature` value: hex in either case, Base64 or Base64url, padded or not, with or without
 * `sha256=` before it. Anything else, several values in one header included, is `undefined`; nothing makes it throw.
 */
export function decodeSignature(header: string): Buffer | undefined {
  const value = header.startsWith('sha256=') ? header.slice(7) : header
  if (value.length === 64) return notHex.test(value) ? undefined : Buffer.from(value, 'hex')
  // Node.js decodes both alphabets with 'base64'; the expressions keep them from being mixed.
  if (base64.test(value) || base64url.test(value)) return Buffer.from(value, 'base64')
  return undefined
}

/**
 * Whether any of the digests is any of the signatures. Every pair is compared, each in constant time, so that the
 * time taken tells neither whether nor which one matched. All are 32 bytes long by construction.
 */
export function anyMatches(digests: readonly Buffer[], signatures: readonly Buffer[]): boolean {
  let matches = 0
  for (const digest of digests) {
    for (const signature of signatures) matches |= Number(timingSafeEqual(digest, signature))
  }
  return matches === 1
}

/**
 * Whether `header`, the value of `X-Signature`, is the signature of `body` under one of the secrets. For a malformed
 * header it is `false`. Pass the bytes that arrived, not a string or re-serialised JSON.
 *
 * @throws OptionError when a secret is empty, blank or a malformed `whsec_…`, or `body` is not bytes.
 * @example
 * verifySignature(rawBody, request.headers['x-signature'], [currentSecret, previousSecret])
 */
export function verifySignature(
  body: Uint8Array,
  header: string,
  secret: string | readonly string[],
): boolean {
  const keys = secretKeys(secret)
  if (!(body instanceof Uint8Array)) throw new OptionError('body', 'must be the bytes as they arrived')
  const signature = typeof header === 'string' ? decodeSignature(header) : undefined
  if (signature === undefined) return false
  return anyMatches(
    keys.map((key) => hmacSha256(key, body)),
    [signature],
  )
}
