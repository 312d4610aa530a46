import { createPrivateKey, sign as signWith } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generateEd25519Keys } from './ed25519.ts'
import { createSigner } from './signature-headers.ts'
import { sign, verifySignature } from './signature.ts'
import { signedRequest } from './testing.ts'
import type { Verification } from './verification.ts'
import { createVerifier } from './verifier.ts'

const { privateKey, publicKey } = generateEd25519Keys()
const other = generateEd25519Keys()
const shared = 'correct horse battery staple'

function verify(
  signWithSecret: string | readonly string[],
  secret: string | readonly string[],
  headers: Record<string, string> = {},
): Promise<Verification> {
  const request = signedRequest({ secret: signWithSecret, headers })
  return createVerifier({ secret }).verify({ ...request, body: Buffer.from(request.body) })
}

const knownToAll = (): string[] => [shared, publicKey, other.publicKey]

const mismatch = { code: 'signature_mismatch', status: 401 }

describe('an Ed25519 key pair', () => {
  test('signs as the first test of RFC 8032 section 7.1 has it', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
    const x = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
    const expected = Buffer.from(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      'hex',
    )
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    expect(signWith(undefined, Buffer.alloc(0), key)).toEqual(expected)
    // The same key in both forms, against its public half: what is read from text is that key.
    for (const bytes of [seed, Buffer.concat([seed, x])]) {
      const text = `whsk_${bytes.toString('base64')}`
      expect(createSigner(text)({ id: '1', sentAt: new Date(0), body: '' })['webhook-signature']).toBe(
        `v1a,${signWith(undefined, Buffer.from('1.0.'), key).toString('base64')}`,
      )
    }
  })

  test('is verified with the public half', async () => {
    expect(await verify(privateKey, publicKey)).toMatchObject({ outcome: 'event' })
    expect(await verify(privateKey, [other.publicKey, publicKey])).toMatchObject({ outcome: 'event' })
    await expect(verify(privateKey, other.publicKey)).rejects.toMatchObject(mismatch)
    await expect(verify(other.privateKey, publicKey)).rejects.toMatchObject(mismatch)
  })

  test('rotates, and takes over from a shared secret', async () => {
    const both = [shared, privateKey]
    for (const known of [shared, publicKey, [shared, publicKey], [publicKey, other.publicKey]]) {
      expect(await verify(both, known)).toMatchObject({ outcome: 'event' })
    }
    expect(await verify([other.privateKey, privateKey], publicKey)).toMatchObject({ outcome: 'event' })
  })

  test('does not let a bad X-Signature through where it can be verified', async () => {
    const bad = { 'x-signature': sign('another body', shared) }
    await expect(verify([shared, privateKey], [shared, publicKey], bad)).rejects.toMatchObject(mismatch)
  })

  test('needs webhook-signature, since X-Signature has no public key', async () => {
    const request = signedRequest({ secret: shared, standardWebhooks: false })
    await expect(
      createVerifier({ secret: publicKey }).verify({ ...request, body: Buffer.from(request.body) }),
    ).rejects.toMatchObject({ code: 'signature_missing' })
  })

  test('makes no X-Signature, and none of a request under the key as text', () => {
    const headers = createSigner(privateKey)({ id: '1', sentAt: new Date(0), body: '' })
    expect(headers).not.toHaveProperty('x-signature')
    for (const key of [privateKey, publicKey]) {
      expect(() => sign('', key)).toThrow('X-Signature needs a shared secret')
      expect(() => verifySignature(Buffer.alloc(0), '', key)).toThrow('X-Signature needs a shared secret')
    }
  })

  test('is refused on the wrong side, or malformed, without showing the key', () => {
    const wrong: [() => unknown, string][] = [
      [() => createSigner(publicKey), 'give a sender the private key'],
      [() => createVerifier({ secret: privateKey }), 'give a receiver the public key'],
      [() => createSigner('whsk_AAAA'), 'an Ed25519 private key has 32'],
      [() => createSigner(`whsk_${Buffer.alloc(64, 1).toString('base64')}`), 'does not belong'],
      [() => createSigner('whsk_-_-_'), 'must be the Base64'],
      [() => createVerifier({ secret: 'whpk_AAAA' }), 'an Ed25519 public key has 32'],
    ]
    for (const [call, message] of wrong) expect(call).toThrow(message)
    expect(() => createVerifier({ secret: privateKey })).not.toThrow(privateKey.slice(5, 20))
  })

  test('verifies no other signature, message or time', async () => {
    const verifier = createVerifier({ secret: publicKey, now: () => 1_700_000_000_000 })
    const sentAt = new Date(1_700_000_000_000)
    const request = signedRequest({ secret: privateKey, sentAt, id: 'msg_1' })
    const attempt = (headers: Record<string, string>, body = Buffer.from(request.body)): Promise<unknown> =>
      verifier.verify({ ...request, headers: { ...request.headers, ...headers }, body })
    const signature = Buffer.from(request.headers['webhook-signature']?.slice(4) ?? '', 'base64')
    await fc.assert(
      fc.asyncProperty(fc.nat(63), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(signature)
        changed[at] = (changed[at] as number) ^ flip
        const header = `v1a,${changed.toString('base64')}`
        await expect(attempt({ 'webhook-signature': header })).rejects.toMatchObject(mismatch)
      }),
    )
    await expect(attempt({ 'webhook-id': 'msg_2' })).rejects.toMatchObject(mismatch)
    await expect(attempt({ 'webhook-timestamp': '1700000001' })).rejects.toMatchObject(mismatch)
    await expect(attempt({}, Buffer.from(`${request.body} `))).rejects.toMatchObject(mismatch)
    const hmac = `v1,${signature.subarray(0, 32).toString('base64')}`
    await expect(attempt({ 'webhook-signature': hmac })).rejects.toMatchObject(mismatch)
  })

  test('is not made to work for a header full of signatures', async () => {
    const entry = `v1a,${Buffer.alloc(64, 7).toString('base64')}`
    const header = { 'webhook-signature': Array.from({ length: 9 }, () => entry).join(' ') }
    await expect(verify(privateKey, publicKey, header)).rejects.toMatchObject({ code: 'signature_malformed' })
  })

  test('names a tenant where there are several keys', async () => {
    const begun: string[] = []
    const dedupe = {
      claimInMs: 60_000,
      keepInMs: 86_400_000,
      begin: async (id: string) => {
        begun.push(id)
        return 'done' as const
      },
    }
    for (const key of [privateKey, other.privateKey, shared]) {
      const request = signedRequest({ secret: key, id: 'msg_1' })
      await createVerifier({ secret: knownToAll, dedupe }).verify({
        ...request,
        body: Buffer.from(request.body),
      })
    }
    expect(new Set(begun).size).toBe(3)
  })
})
