import { describe, expect, test } from 'vitest'
import { OptionError } from './option-error.ts'
import type { SecretContext, SecretResolver } from './secret-source.ts'
import { signedRequest, type SignedRequestOptions } from './testing.ts'
import type { Verification } from './verification.ts'
import { createVerifier, type WebhookRequest } from './verifier.ts'
import type { VerifierOptions } from './verifier-options.ts'

const secrets = new Map<string | undefined, string>([
  ['north', 'the secret of north'],
  ['south', 'the secret of south'],
])

function requestOf(options: SignedRequestOptions): WebhookRequest {
  const request = signedRequest(options)
  return { ...request, body: Buffer.from(request.body) }
}

async function verify(
  secret: SecretResolver,
  request: WebhookRequest,
  options: Partial<VerifierOptions> = {},
): Promise<Verification> {
  return createVerifier({ secret, ...options }).verify(request)
}

const fromNorth = requestOf({ key: 'north', secret: 'the secret of north' })

describe('a secret resolver', () => {
  test.each<[string, SecretResolver]>([
    ['at once', ({ installation }) => secrets.get(installation)],
    ['later', async ({ installation }) => Promise.resolve(secrets.get(installation))],
    ['as several', ({ installation }) => ['the one before', secrets.get(installation) ?? '']],
  ])('picks the secret by installation, %s', async (_when, resolver) => {
    expect(await verify(resolver, fromNorth)).toMatchObject({ webhook: { installation: 'north' } })
  })

  test('does not let one installation speak for another', async () => {
    const forged = requestOf({ key: 'south', secret: 'the secret of north' })
    await expect(verify(({ installation }) => secrets.get(installation), forged)).rejects.toMatchObject({
      code: 'signature_mismatch',
    })
  })

  test('is asked with the installation and the headers as they came', async () => {
    const contexts: SecretContext[] = []
    const resolver: SecretResolver = (context) => {
      contexts.push(context)
      return 'the secret of north'
    }
    const withoutKey = requestOf({ secret: 'the secret of north' })
    await verify(resolver, fromNorth)
    await verify(resolver, withoutKey)
    expect(contexts).toEqual([
      { installation: 'north', headers: fromNorth.headers },
      { headers: withoutKey.headers },
    ])
  })

  test('that knows no secret refuses the key, or asks for one', async () => {
    // null is what a database says that has no such row.
    for (const nothing of [() => undefined, async () => Promise.resolve(undefined), () => null]) {
      await expect(verify(nothing, fromNorth)).rejects.toMatchObject({ code: 'key_unknown', status: 401 })
      const withoutKey = requestOf({ secret: 'the secret of north' })
      await expect(verify(nothing, withoutKey)).rejects.toMatchObject({ code: 'key_missing', status: 401 })
    }
  })

  test('that fails makes the sender retry, and keeps the cause from the client', async () => {
    const cause = new Error('vault at 10.0.0.7 is sealed')
    const throwing = (): never => {
      throw cause
    }
    for (const resolver of [throwing, async () => Promise.reject(cause)]) {
      const error: unknown = await verify(resolver, fromNorth).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'secret_unavailable', status: 503, expose: false, cause })
      expect(JSON.stringify(error)).not.toContain('vault')
    }
  })

  test.each(['', ' ', [], ['right', ''], 'whsec_', false, 1])(
    'that gives %j, which is no secret, makes the sender retry',
    async (wrong) => {
      await expect(verify(() => wrong as string, fromNorth)).rejects.toMatchObject({
        code: 'secret_unavailable',
        cause: expect.any(OptionError),
      })
    },
  )

  test('is not asked before the request is known to be well formed', async () => {
    const calls: SecretContext[] = []
    const resolver: SecretResolver = (context) => {
      calls.push(context)
      return 'the secret of north'
    }
    const { headers, ...rest } = fromNorth
    const without = (name: string, value?: string) => ({ ...rest, headers: { ...headers, [name]: value } })
    const malformed = [
      [{ ...rest, headers: {} }, 'signature_missing'],
      [without('x-signature', 'x'), 'signature_malformed'],
      [without('webhook-signature', 'x'), 'signature_malformed'],
      [without('webhook-timestamp'), 'timestamp_missing'],
      [{ ...fromNorth, url: '/?key=east' }, 'key_unknown'],
      [{ ...fromNorth, url: '/' }, 'key_missing'],
      [{ ...fromNorth, body: new Uint8Array(1001) }, 'body_too_large'],
    ] as const
    for (const [request, code] of malformed) {
      const refused = verify(resolver, request, { key: 'north', bodyLimitInBytes: 1000 })
      await expect(refused).rejects.toMatchObject({ code })
    }
    expect(calls).toEqual([])
  })
})
