import { createHash, createHmac } from 'node:crypto'
import { sign, type WebhookErrorCode } from '@taskhook/core'
import type { VectorExpectation } from './receiver-vector.ts'
import {
  eventType,
  defaultPreviousSecret,
  standardSecret,
  taskId,
  wrongSecret,
  type VectorContext,
  type VectorParts,
} from './vector-context.ts'

const refused = (code: WebhookErrorCode): VectorExpectation => ({ outcome: 'refused', status: 401, code })
const body = JSON.stringify({ orderId: taskId, eventType, taskId })
const withReplacement = JSON.stringify({ orderId: taskId, eventType, taskId, note: '\uFFFD' })
const standard = ['standard-webhooks'] as const

/** Requests that nothing shows to be the sender's. */
export function unauthenticVectors({
  now,
  secret,
  key,
  previousSecret = defaultPreviousSecret,
}: VectorContext): VectorParts[] {
  const mismatch = (name: string, why: string, changes: Partial<VectorParts>): VectorParts => ({
    name,
    why,
    expected: refused('signature_mismatch'),
    ...changes,
  })
  const malformed = (name: string, why: string, changes: Partial<VectorParts>): VectorParts => ({
    name,
    why,
    expected: refused('signature_malformed'),
    ...changes,
  })
  const signature = sign(body, secret)
  const zeros = Buffer.alloc(32).toString('base64')
  return [
    {
      name: 'unsigned',
      why: 'There is no signature at all.',
      secret: false,
      expected: refused('signature_missing'),
    },
    mismatch('forged', 'The signature was made with another secret.', {
      secret: wrongSecret,
      signatures: 'x',
    }),
    mismatch('forged-both', 'Both signatures were made with another secret.', { secret: wrongSecret }),
    mismatch('tampered', 'The body was changed on its way.', {
      signatures: 'x',
      sentBody: body.replace('OrderAccepted', 'OrderRejected'),
    }),
    mismatch('white-space-added', 'A line break was added to the body on its way.', {
      signatures: 'x',
      sentBody: `${body}\n`,
    }),
    mismatch(
      'replaced-byte',
      'A U+FFFD of the body was replaced on its way by a byte that is not UTF-8: a decoder makes the same text of both.',
      {
        signatures: 'x',
        body: withReplacement,
        sentBody: Buffer.from(withReplacement.replace('\uFFFD', '\u00FF'), 'latin1'),
      },
    ),
    mismatch(
      'byte-order-mark-added',
      'A byte order mark was put before the body on its way: a decoder takes it away.',
      { signatures: 'x', sentBody: `\uFEFF${body}` },
    ),
    mismatch('plain-hash', 'The signature is the SHA-256 of the body, without the secret.', {
      signatures: 'x',
      headers: { 'x-signature': createHash('sha256').update(body).digest('hex') },
    }),
    mismatch('secret-as-text', 'The sender took a "whsec_" secret for text.', {
      signatures: 'x',
      receiver: { secrets: [standardSecret] },
      headers: { 'x-signature': createHmac('sha256', standardSecret).update(body).digest('hex') },
    }),
    mismatch('signature-of-zeros', 'The signature is 32 zero bytes.', {
      signatures: 'x',
      headers: { 'x-signature': '0'.repeat(64) },
    }),
    malformed('signature-too-short', 'The signature is cut short: part of it must not be enough.', {
      signatures: 'x',
      headers: { 'x-signature': signature.slice(0, 62) },
    }),
    malformed('signature-empty', 'The header is there, and empty.', {
      signatures: 'x',
      headers: { 'x-signature': '' },
    }),
    malformed('signature-not-hex', 'The signature has characters that no encoding has.', {
      signatures: 'x',
      headers: { 'x-signature': `${signature.slice(0, 63)}!` },
    }),
    malformed(
      'signature-twice',
      'X-Signature is there twice, and both are right: which one counts is not said.',
      {
        signatures: 'x',
        more: [['x-signature', signature]],
      },
    ),
    mismatch(
      'standard-forged',
      'X-Signature is right, and webhook-signature is not: every signature must verify.',
      {
        features: standard,
        headers: { 'webhook-signature': `v1,${zeros}` },
      },
    ),
    mismatch(
      'x-forged-beside-standard',
      'webhook-signature is right, and X-Signature is not: every signature must verify.',
      {
        features: standard,
        headers: { 'x-signature': sign('another body', secret) },
      },
    ),
    mismatch('replay-new-id', 'A recorded request with a new webhook-id, so that it is no repeat.', {
      features: standard,
      headers: { 'webhook-id': 'msg_another' },
    }),
    mismatch('replay-new-time', 'A recorded request with a new timestamp, so that it is not old.', {
      features: standard,
      sentIn: -3600,
      headers: { 'webhook-timestamp': String(Math.floor(now.getTime() / 1000)) },
    }),
    malformed('standard-malformed', 'webhook-signature has no version.', {
      features: standard,
      signatures: 'standard',
      headers: { 'webhook-signature': zeros },
    }),
    malformed('standard-without-id', 'There is no webhook-id, which the signature covers.', {
      features: standard,
      headers: { 'webhook-id': undefined },
    }),
    {
      name: 'standard-signature-stripped',
      why: 'webhook-signature was taken away, and the other two headers are still there.',
      features: standard,
      headers: { 'webhook-signature': undefined },
      expected: refused('signature_missing'),
    },
    {
      name: 'standard-without-timestamp',
      why: 'There is no webhook-timestamp, which the signature covers.',
      features: standard,
      headers: { 'webhook-timestamp': undefined },
      expected: refused('timestamp_missing'),
    },
    {
      name: 'replay-headers-stripped',
      why: 'The headers that stop a replay were taken away, and the receiver asks for them.',
      features: standard,
      signatures: 'x',
      receiver: { replayProtection: 'required' },
      expected: refused('timestamp_missing'),
    },
    {
      name: 'replay-too-old',
      why: 'The request was sent 310 seconds ago.',
      features: standard,
      sentIn: -310,
      expected: refused('timestamp_out_of_tolerance'),
    },
    {
      name: 'sent-in-the-future',
      why: 'The request is from an hour ahead: it could be kept, and sent then.',
      features: standard,
      sentIn: 3600,
      expected: refused('timestamp_out_of_tolerance'),
    },
    mismatch('rotation-ended', 'The sender still signs with a secret that the receiver no longer knows.', {
      features: ['rotation'],
      secret: previousSecret,
    }),
    {
      name: 'key-missing',
      why: 'The receiver takes the requests of one installation, and the URL names none.',
      features: ['key'],
      receiver: { keys: [key] },
      expected: refused('key_missing'),
    },
    {
      name: 'key-unknown',
      why: 'The URL names an installation that the receiver does not know.',
      features: ['key'],
      key: `${key}-unknown`,
      receiver: { keys: [key] },
      expected: refused('key_unknown'),
    },
  ]
}
