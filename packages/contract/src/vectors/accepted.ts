import { eventTypes, sign } from '@taskhook/core'
import {
  deliveryId,
  handled,
  keyPair,
  defaultPreviousSecret,
  standardSecret,
  taskId,
  type VectorContext,
  type VectorParts,
} from './vector-context.ts'

const body = JSON.stringify({ orderId: taskId, eventType: 'OrderAccepted', taskId })
const standard = ['standard-webhooks'] as const
const rotation = ['rotation'] as const

const xSignature = (name: string, form: string, value: string): VectorParts => ({
  name: `x-signature-${name}`,
  why: `X-Signature is ${form}: the specification does not say how the 32 bytes are written.`,
  level: 'should',
  signatures: 'x',
  headers: { 'x-signature': value },
})

/** Authentic requests in every form that signatures, secrets and keys may have. */
export function acceptedVectors({
  secret,
  key,
  previousSecret = defaultPreviousSecret,
}: VectorContext): VectorParts[] {
  const hex = sign(body, secret)
  const bytes = Buffer.from(hex, 'hex')
  return [
    {
      name: 'x-signature',
      why: 'The plain case: X-Signature is the HMAC-SHA256 of the body in lower-case hex.',
      signatures: 'x',
    },
    {
      name: 'both-signatures',
      why: 'X-Signature, with the Standard Webhooks headers beside it, as taskhook sends them.',
    },
    ...eventTypes.map((eventType) => ({
      name: `event-${eventType}`,
      why: `An event of the type ${eventType}.`,
      signatures: 'x' as const,
      eventType,
      expected: handled({ eventType }),
    })),
    xSignature('upper-case', 'hex in upper case', hex.toUpperCase()),
    xSignature('base64', 'Base64', bytes.toString('base64')),
    xSignature('base64-unpadded', 'Base64 without padding', bytes.toString('base64').replace('=', '')),
    xSignature('base64url', 'Base64url', bytes.toString('base64url')),
    xSignature('sha256-prefix', 'hex with "sha256=" before it', `sha256=${hex}`),
    {
      name: 'standard-only',
      why: 'Any sender of Standard Webhooks is understood, without X-Signature.',
      features: standard,
      signatures: 'standard',
    },
    {
      name: 'standard-secret',
      why: 'A secret that begins with "whsec_" is the Base64 of the key, for both signatures.',
      features: standard,
      secret: standardSecret,
      receiver: { secrets: [standardSecret] },
    },
    {
      name: 'standard-unknown-version',
      why: 'A signature of a version that is not known is passed over when another one verifies.',
      features: standard,
      secret: [keyPair.privateKey, secret],
    },
    {
      name: 'timestamp-oldest',
      why: 'A timestamp 290 seconds old is within the tolerance of 300.',
      features: standard,
      sentIn: -290,
    },
    {
      name: 'timestamp-newest',
      why: 'A timestamp 290 seconds in the future is within the tolerance of 300: clocks differ.',
      features: standard,
      sentIn: 290,
    },
    {
      name: 'rotation-previous',
      why: 'During a rotation the receiver knows two secrets, and the sender signs with the older one.',
      features: rotation,
      secret: previousSecret,
      receiver: { secrets: [secret, previousSecret] },
    },
    {
      name: 'rotation-both',
      why: 'During a rotation the sender signs webhook-signature with both secrets, and X-Signature with the first.',
      features: ['rotation', 'standard-webhooks'],
      secret: [secret, previousSecret],
    },
    {
      name: 'key',
      why: 'The key of the installation is a query parameter; the sender puts a "/" before the "?".',
      features: ['key'],
      key,
      receiver: { keys: [key] },
      expected: handled({ installation: key, deliveryId }),
    },
    {
      name: 'key-encoded',
      why: 'A key is decoded from the URL before it is compared.',
      features: ['key'],
      key: 'site ä&1',
      receiver: { keys: ['site ä&1'] },
      expected: handled({ installation: 'site ä&1', deliveryId }),
    },
  ]
}
