import { randomBytes } from 'node:crypto'
import type { WebhookErrorCode } from '@taskhook/core'
import { signedRequest, type SignedRequest } from '@taskhook/core/testing'

/** What an attacker, or a mistake, could send. */
export interface BadRequest {
  name: string
  description: string
  /** What a receiver must answer. */
  code: WebhookErrorCode
  make(receiver: { secret: string; key: string }): SignedRequest<string | Buffer<ArrayBuffer>>
}

const tenMinutesInMs = 10 * 60 * 1000

/** All of them are refused with 401. */
export const badRequests: readonly BadRequest[] = [
  {
    name: 'forged',
    description: 'signed with another secret',
    code: 'signature_mismatch',
    make: ({ key }) => signedRequest({ secret: randomBytes(32).toString('hex'), key }),
  },
  {
    name: 'tampered',
    description: 'a byte changed after signing',
    code: 'signature_mismatch',
    make: (receiver) => {
      const request = signedRequest(receiver)
      const body = Buffer.from(request.body)
      const middle = body.length >> 1
      body.writeUInt8(body.readUInt8(middle) ^ 1, middle)
      return { ...request, body }
    },
  },
  {
    name: 'unsigned',
    description: 'no signature at all',
    code: 'signature_missing',
    make: ({ key }) => signedRequest({ secret: false, key }),
  },
  {
    name: 'replayed',
    description: 'captured, sent again ten minutes later',
    code: 'timestamp_out_of_tolerance',
    make: (receiver) => signedRequest({ ...receiver, sentAt: new Date(Date.now() - tenMinutesInMs) }),
  },
  {
    name: 'stripped replay',
    description: 'captured, only X-Signature kept',
    code: 'timestamp_missing',
    make: (receiver) => signedRequest({ ...receiver, standardWebhooks: false }),
  },
  {
    name: 'wrong key',
    description: 'of another installation',
    code: 'key_unknown',
    make: ({ secret }) => signedRequest({ secret, key: 'another-installation' }),
  },
]
