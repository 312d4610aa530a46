import { createHash } from 'node:crypto'
import { createSigner, sign } from '@taskhook/core'
import type { CauseCode } from '../../explain/causes.ts'
import { base64, hash, headed, hmac, standard, type Breakage } from './breakage.ts'

/** Requests that are refused for a cause in what is signed, how, and how that is written. */
export const signatureBreakages: Partial<Record<CauseCode, readonly Breakage[]>> = {
  message_standard: [
    ({ secret, body, sentAt }) => {
      const headers = createSigner(secret)({ id: 'msg_1', sentAt, body })
      const signature = headers['webhook-signature'].slice(3)
      return { headers: { ...headers, 'x-signature': signature }, body: Buffer.from(body), secrets: [secret] }
    },
  ],
  message_body_only: [standard((body) => body)],
  message_timestamp: [
    standard((body, _id, timestamp) => `${timestamp}.${body}`),
    standard((body, id, timestamp) => `${timestamp}:${id}:${body}`),
    (one) => ({
      headers: {
        'x-slack-request-timestamp': '1700000000',
        'x-signature': `v0=${hmac(one.secret, `v0:1700000000:${one.body}`).toString('hex')}`,
      },
      body: Buffer.from(one.body),
      secrets: [one.secret],
    }),
  ],
  message_other_timestamp: [
    standard((body, id, timestamp) => `${id}.${timestamp + 1}.${body}`),
    standard((body, id, timestamp) => `${id}.${timestamp * 1000 + 7}.${body}`),
  ],
  message_url: [
    headed(({ secret, body }) => hmac(secret, `${body}key=north`).toString('hex'), {
      url: '/automation/?key=north',
    }),
    headed(({ secret, body }) => hmac(secret, `/automation/?key=north${body}`).toString('hex'), {
      url: '/automation/?key=north',
    }),
  ],
  digest_plain_hash: [headed(({ body }) => `sha256=${hash(body)}`)],
  digest_secret_appended: [
    headed(({ body, secret }) => hash(secret, body)),
    headed(({ body, secret }) => hash(body, '.', secret)),
  ],
  digest_algorithm: [
    headed(({ body, secret }) => hmac(secret, body, 'sha1').toString('hex')),
    headed(({ body, secret }) => hmac(secret, body, 'sha512').toString('base64')),
  ],
  digest_swapped: [headed(({ body, secret }) => hmac(body, secret).toString('hex'))],
  digest_hashed_twice: [
    headed(({ body, secret }) => hmac(secret, hash(body)).toString('hex')),
    headed(({ body, secret }) => hmac(secret, createHash('sha256').update(body).digest()).toString('hex')),
  ],
  signature_encoding: [
    headed(({ body, secret }) => base64(sign(body, secret))),
    headed(({ body, secret }) => Buffer.from(hmac(secret, body).toString('base64')).toString('hex')),
  ],
  signature_decoration: [
    headed(({ body, secret }) => `v1=${sign(body, secret)}`),
    headed(({ body, secret }) => `"${sign(body, secret)}"`),
    headed(({ body, secret }) => encodeURIComponent(hmac(secret, body).toString('base64'))),
  ],
  signature_several: [
    headed(({ body, secret }) => `${'0'.repeat(64)}, ${sign(body, secret)}`),
    headed(({ body, secret }) => `t=1700000000,v1=${sign(body, secret)}`),
  ],
  signature_leading_zeros: [
    headed(({ body, secret }) => Array.from(hmac(secret, body), (byte) => byte.toString(16)).join('')),
  ],
  signature_cut: [headed(({ body, secret }) => sign(body, secret).slice(0, 40))],
}
