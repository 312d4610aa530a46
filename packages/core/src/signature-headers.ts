import { sign, type KeyObject } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import { keyId } from './jwks.ts'
import { OptionError } from './option-error.ts'
import { signingKeys } from './secret.ts'
import { checkSignedBody } from './signature.ts'

/** What is signed: the body, and the id and time that the Standard Webhooks signature covers too. */
export interface SignedMessage {
  /** The delivery's id; the same one at each attempt, so that receivers can tell a repeat. No dot, no white space. */
  id: string
  /** When this attempt is made; written in whole seconds. */
  sentAt: Date
  body: Uint8Array | string
}

/** The headers of a signed request, lower-case. `x-signature` is there with a shared secret, `webhook-key-id` with an Ed25519 key. */
export type SignatureHeaders = Partial<Record<'x-signature' | 'webhook-key-id', string>> &
  Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>

/** What makes the headers of one message after another, see {@link createSigner}. */
export type Signer = (message: SignedMessage) => SignatureHeaders

/**
 * Reads the secrets once and signs with them from then on. `X-Signature` uses the first shared secret, because the
 * header has room for one signature. The Standard Webhooks headers have one signature for each secret: `v1`
 * (HMAC-SHA256) for a shared secret, `v1a` (Ed25519) for a private key, `whsk_…`. With a private key, `webhook-key-id`
 * has the key's thumbprint (RFC 7638), the `kid` under which `toJwks` publishes it.
 *
 * So during a rotation, a Standard Webhooks receiver may know either secret. A receiver that reads `X-Signature`, as
 * taskhook's does, must know the first one.
 *
 * @throws OptionError when a secret is empty, blank or a malformed `whsec_…`; the signer, when the id has a character
 * other than visible ASCII, or a dot, `sentAt` is no valid date, or the body is neither bytes nor a string.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createSigner(secret: string | readonly string[]): Signer {
  const keys = signingKeys(secret)
  const current = keys.find(({ type }) => type === 'secret')
  const ids = keys.filter(({ type }) => type === 'private').map(keyId)
  const named = ids.length === 0 ? undefined : { 'webhook-key-id': ids.join(' ') }
  return (message) => {
    if (typeof message !== 'object' || message === null) {
      throw new OptionError('message', 'must be { id, sentAt, body }')
    }
    const { id, sentAt, body } = message
    checkSignedBody(body)
    if (typeof id !== 'string' || !deliveryId.test(id)) {
      throw new OptionError(
        'id',
        'must be visible ASCII characters without a dot (a dot separates what is signed)',
      )
    }
    const timestamp = String(Math.floor(Number(sentAt instanceof Date ? sentAt : undefined) / 1000))
    if (timestamp === 'NaN') throw new OptionError('sentAt', 'must be a valid date')
    const signature = keys.map((key) => signStandard(key, `${id}.${timestamp}.`, body)).join(' ')
    const standard = {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
      ...named,
    }
    return current === undefined
      ? standard
      : { 'x-signature': hmacSha256(current, body).toString('hex'), ...standard }
  }
}

function signStandard(key: KeyObject, prefix: string, body: Uint8Array | string): string {
  if (key.type === 'secret') return `v1,${hmacSha256(key, prefix, body).toString('base64')}`
  const message = Buffer.concat([Buffer.from(prefix), typeof body === 'string' ? Buffer.from(body) : body])
  return `v1a,${sign(undefined, message, key).toString('base64')}`
}

const deliveryId = /^[!-\-/-~]+$/
