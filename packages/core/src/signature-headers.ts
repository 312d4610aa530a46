import type { KeyObject } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import { OptionError } from './option-error.ts'
import { secretKeys } from './secret.ts'

/** What is signed: the body, and what the Standard Webhooks signature binds to it. */
export interface SignedMessage {
  /** The delivery's id; the same one at each attempt, so that receivers can tell a repeat. No dot, no white space. */
  id: string
  /** When this attempt is made; written in whole seconds. */
  sentAt: Date
  body: Uint8Array | string
}

/** The headers of a signed request, lower-case. */
export type SignatureHeaders = Record<
  'x-signature' | 'webhook-id' | 'webhook-timestamp' | 'webhook-signature',
  string
>

/** What makes the headers of one message after another, see {@link createSigner}. */
export type Signer = (message: SignedMessage) => SignatureHeaders

/**
 * Reads the secrets once and signs with them from then on: `X-Signature` under the first secret (the header has room
 * for one), and the three Standard Webhooks headers with one `v1` signature a secret. So during a rotation a Standard
 * Webhooks receiver may know either secret; one that reads `X-Signature`, as taskhook's does, must know the first.
 *
 * @throws OptionError when a secret is empty, blank or a malformed `whsec_…`; the signer, when the id has a character
 * other than visible ASCII, or a dot, or `sentAt` is no valid date.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createSigner(secret: string | readonly string[]): Signer {
  const keys = secretKeys(secret)
  const [current] = keys as [KeyObject]
  return ({ id, sentAt, body }) => {
    if (!deliveryId.test(id)) {
      throw new OptionError(
        'id',
        'must be visible ASCII characters without a dot (a dot separates what is signed)',
      )
    }
    const timestamp = String(Math.floor(sentAt.getTime() / 1000))
    if (timestamp === 'NaN') throw new OptionError('sentAt', 'must be a valid date')
    return {
      'x-signature': hmacSha256(current, body).toString('hex'),
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': keys
        .map((key) => `v1,${hmacSha256(key, `${id}.${timestamp}.`, body).toString('base64')}`)
        .join(' '),
    }
  }
}

const deliveryId = /^[!-\-/-~]+$/
