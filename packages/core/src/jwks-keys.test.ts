import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { generateEd25519Keys } from './ed25519.ts'
import { toJwks } from './jwks.ts'
import { jwksKeys, type JwksOptions } from './jwks-keys.ts'
import { signedRequest, type SignedRequestOptions } from './testing.ts'
import type { Verification } from './verification.ts'
import { createVerifier } from './verifier.ts'

const first = generateEd25519Keys()
const second = generateEd25519Keys()

let server: Server
let url: string
let published: { status: number; body: string }
let fetches: number
let now: number

beforeAll(async () => {
  server = createServer((_request, response) => {
    fetches += 1
    response.writeHead(published.status, { 'content-type': 'application/jwk-set+json', location: '/moved' })
    response.end(published.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(() => {
  fetches = 0
  now = Date.now()
  publish(first.privateKey)
})

function publish(...secrets: string[]): void {
  published = { status: 200, body: JSON.stringify(toJwks(secrets)) }
}

function receiver(
  options: Partial<JwksOptions> = {},
): (secret: string, more?: Partial<SignedRequestOptions>) => Promise<Verification> {
  const verifier = createVerifier({ secret: jwksKeys({ url, now: () => now, ...options }) })
  return (secret, more) => {
    const request = signedRequest({ secret, ...more })
    return verifier.verify({ ...request, body: Buffer.from(request.body) })
  }
}

const event = { outcome: 'event' }
const unavailable = { code: 'secret_unavailable', status: 503 }
const mismatch = { code: 'signature_mismatch' }

describe('toJwks', () => {
  test('gives the key and the thumbprint of RFC 8037 appendix A', () => {
    const seed = Buffer.from('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', 'base64url')
    expect(toJwks([`whsk_${seed.toString('base64')}`, 'a shared secret'])).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
          kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
          alg: 'EdDSA',
          use: 'sig',
        },
      ],
    })
  })

  test('gives the same for either half, and shows nothing private', () => {
    expect(toJwks(first.publicKey)).toEqual(toJwks(first.privateKey))
    expect(Object.keys(toJwks(first.privateKey).keys[0] ?? {})).not.toContain('d')
  })
})

describe('jwksKeys', () => {
  test('fetches once for many requests, also at the same time', async () => {
    const receive = receiver()
    const all = await Promise.all(Array.from({ length: 20 }, () => receive(first.privateKey)))
    for (const one of all) expect(one).toMatchObject(event)
    expect(fetches).toBe(1)
  })

  test('fetches again for a key that it does not know, and only so often', async () => {
    const receive = receiver()
    await receive(first.privateKey)
    publish(first.privateKey, second.privateKey)
    // Within the cooldown, so that a request with a made-up name costs nothing.
    await expect(receive(second.privateKey)).rejects.toMatchObject(mismatch)
    expect(fetches).toBe(1)
    now += 30_000
    expect(await receive(second.privateKey)).toMatchObject(event)
    expect(await receive(first.privateKey)).toMatchObject(event)
    expect(fetches).toBe(2)
  })

  test('fetches again after a while, and forgets a key that was taken back', async () => {
    const receive = receiver()
    await receive(first.privateKey)
    publish(second.privateKey)
    now += 600_000
    await expect(receive(first.privateKey)).rejects.toMatchObject(mismatch)
    expect(await receive(second.privateKey)).toMatchObject(event)
  })

  test('tries each key for a sender that does not name its own', async () => {
    publish(second.privateKey, first.privateKey)
    expect(await receiver()(first.privateKey, { headers: { 'webhook-key-id': '' } })).toMatchObject(event)
  })

  test('uses old keys on while the sender cannot be asked, for a day', async () => {
    const receive = receiver()
    await receive(first.privateKey)
    published = { status: 503, body: '' }
    now += 3_600_000
    expect(await receive(first.privateKey)).toMatchObject(event)
    now += 86_400_000
    await expect(receive(first.privateKey)).rejects.toMatchObject(unavailable)
  })

  test.each([
    ['an error', { status: 500, body: '' }],
    ['a redirect', { status: 302, body: '' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['no set', { status: 200, body: '[]' }],
    ['no key of the kind', { status: 200, body: '{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}' }],
    ['too much', { status: 200, body: ' '.repeat(70_000) }],
    [
      'too many',
      { status: 200, body: JSON.stringify({ keys: Array(33).fill(toJwks(first.publicKey).keys[0]) }) },
    ],
  ])('is unavailable after %s, and then again after the cooldown', async (_what, answer) => {
    const receive = receiver()
    published = answer
    await expect(receive(first.privateKey)).rejects.toMatchObject(unavailable)
    publish(first.privateKey)
    await expect(receive(first.privateKey)).rejects.toMatchObject(unavailable)
    now += 30_000
    expect(await receive(first.privateKey)).toMatchObject(event)
  })

  test('passes over keys of other kinds', async () => {
    const keys = [{ kty: 'RSA' }, { kty: 'OKP', crv: 'X25519', x: 'x' }, ...toJwks(first.publicKey).keys]
    published = { status: 200, body: JSON.stringify({ keys }) }
    expect(await receiver()(first.privateKey)).toMatchObject(event)
  })

  test.each<[Partial<JwksOptions>, string]>([
    [{ url: 'http://example.org/jwks.json' }, 'url'],
    [{ url: 'https://name:word@example.org/' }, 'url'],
    [{ url: 'jwks.json' }, 'url'],
    [{ cacheInMs: 0 }, 'cacheInMs'],
    [{ cooldownInMs: Number.NaN }, 'cooldownInMs'],
    [{ fetch: 'fetch' as never }, 'fetch'],
    [{ cacheInMS: 1 } as never, 'cacheInMS'],
  ])('refuses %j', (options, option) => {
    expect(() => jwksKeys({ url, ...options })).toThrow(expect.objectContaining({ option }))
  })
})
