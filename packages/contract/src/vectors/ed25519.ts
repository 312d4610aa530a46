import { keyPair, otherKeyPair, type VectorParts } from './vector-context.ts'

const features = ['standard-webhooks', 'ed25519'] as const
const receiver = { secrets: [keyPair.publicKey] }

/** Signatures that only the holder of the private key can make: `v1a` of Standard Webhooks. */
export function ed25519Vectors(): VectorParts[] {
  return [
    {
      name: 'ed25519',
      why: 'The signature is Ed25519 under the private key, and verified with the public one.',
      features,
      secret: keyPair.privateKey,
      receiver,
    },
    {
      name: 'ed25519-rotation',
      why: 'The sender signs with the old key and the new one, and the receiver knows the new one.',
      features,
      secret: [otherKeyPair.privateKey, keyPair.privateKey],
      receiver,
    },
    {
      name: 'ed25519-beside-shared-secret',
      why: 'The sender signs with a shared secret too; a receiver that knows only the public key passes X-Signature over.',
      features,
      secret: ['a secret that this receiver does not know', keyPair.privateKey],
      receiver,
    },
    {
      name: 'ed25519-forged',
      why: 'The signature was made with another private key.',
      features,
      secret: otherKeyPair.privateKey,
      receiver,
      expected: { outcome: 'refused', status: 401, code: 'signature_mismatch' },
    },
    {
      name: 'ed25519-key-confusion',
      why: 'The public key was taken for a shared secret: everybody knows it, so it must not verify.',
      features,
      secret: keyPair.publicKey.slice('whpk_'.length),
      receiver,
      expected: { outcome: 'refused', status: 401, code: 'signature_mismatch' },
    },
    {
      name: 'ed25519-without-standard-headers',
      why: 'X-Signature cannot be verified with a public key.',
      features,
      secret: 'a secret that this receiver does not know',
      signatures: 'x',
      receiver,
      expected: { outcome: 'refused', status: 401, code: 'signature_missing' },
    },
  ]
}
