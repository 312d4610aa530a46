import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryDedupe } from './memory-dedupe.ts'
import { sign } from './signature.ts'
import { signedRequest, type SignedRequestOptions } from './testing.ts'
import type { Verification } from './verification.ts'
import { createVerifier, type WebhookRequest } from './verifier.ts'
import type { VerifierOptions } from './verifier-options.ts'
import { WebhookError } from './webhook-error.ts'

const secret = 'correct horse battery staple'

type RequestOptions = Partial<SignedRequestOptions<string | Uint8Array>>

function requestOf(options: RequestOptions = {}): WebhookRequest {
  const request = signedRequest<string | Uint8Array>({ secret, ...options })
  return { ...request, body: Buffer.from(request.body) }
}

async function verify<E>(
  options: RequestOptions,
  verifierOptions: Partial<VerifierOptions<E>> = {},
): Promise<Verification<E>> {
  return createVerifier<E>({ secret, ...verifierOptions }).verify(requestOf(options))
}

describe('an authentic request', () => {
  test('is an event, with what is known of its delivery', async () => {
    const sentAt = new Date()
    const request = requestOf({
      taskId: '07c6ad8c',
      eventType: 'OrderSigned',
      id: 'msg_1',
      key: 'north',
      sentAt,
    })
    const verification = await createVerifier({ secret }).verify(request)
    sentAt.setMilliseconds(0)
    expect(verification).toEqual({
      outcome: 'event',
      webhook: {
        event: { taskId: '07c6ad8c', eventType: 'OrderSigned', orderId: '07c6ad8c' },
        rawBody: request.body,
        installation: 'north',
        delivery: { id: 'msg_1', sentAt },
      },
      settle: expect.any(Function),
    })
  })

  test('has neither installation nor delivery where the request names none', async () => {
    const verification = await verify({ standardWebhooks: false })
    expect(verification).toMatchObject({ outcome: 'event' })
    expect(verification).not.toHaveProperty('webhook.installation')
    expect(verification).not.toHaveProperty('webhook.delivery')
  })

  test('gives the very bytes that arrived', async () => {
    const request = requestOf()
    const verification = await createVerifier({ secret }).verify(request)
    expect(verification.outcome === 'event' && verification.webhook.rawBody).toBe(request.body)
  })

  test('can be settled without a dedupe store, to no effect', async () => {
    const verifier = createVerifier({ secret })
    const request = requestOf()
    for (let time = 0; time < 2; time += 1) {
      const verification = await verifier.verify(request)
      expect(verification.outcome).toBe('event')
      if (verification.outcome === 'event') await verification.settle(true)
    }
  })

  test('is verified from Fetch headers too', async () => {
    const request = requestOf()
    const headers = new Headers(request.headers as Record<string, string>)
    const verification = await createVerifier({ secret }).verify({ ...request, headers })
    expect(verification.outcome).toBe('event')
  })
})

describe('verifyNow', () => {
  test('answers without a promise when the secret is known and no store is asked', () => {
    const verifier = createVerifier({ secret })
    expect(verifier.verifyNow(requestOf())).toMatchObject({ outcome: 'event' })
    const archived = requestOf({ body: '{"taskId":"1","eventType":"OrderArchived"}' })
    expect(verifier.verifyNow(archived)).toEqual({ outcome: 'ignored', eventType: 'OrderArchived' })
    expect(() => verifier.verifyNow(requestOf({ secret: 'a guess' }))).toThrow(
      expect.objectContaining({ code: 'signature_mismatch' }),
    )
  })

  test.each<[string, Partial<VerifierOptions>]>([
    ['a secret that is looked up', { secret: () => secret }],
    ['a dedupe store', { dedupe: memoryDedupe() }],
  ])('promises the answer with %s', async (_name, options) => {
    const verification = createVerifier({ secret, ...options }).verifyNow(requestOf())
    expect(verification).toBeInstanceOf(Promise)
    expect(await verification).toMatchObject({ outcome: 'event' })
  })

  test('is what verify does, which never throws but rejects', async () => {
    const verifier = createVerifier({ secret })
    const refused = verifier.verify(requestOf({ secret: false }))
    await expect(refused).rejects.toMatchObject({ code: 'signature_missing' })
  })
})

describe('a request that is none', () => {
  test.each<[string, object]>([
    ['headers', { headers: null }],
    ['headers', { headers: 'x-signature: 1' }],
    ['headers', { headers: { 'x-signature': 1 } }],
    ['headers', { headers: { 'webhook-timestamp': null } }],
    ['url', { url: new URL('http://127.0.0.1/automation') }],
    ['url', { url: undefined }],
  ])('is refused for its %s: %j', async (option, wrong) => {
    const request: WebhookRequest = { ...requestOf(), ...wrong }
    const refused = createVerifier({ secret }).verify(request)
    await expect(refused).rejects.toMatchObject({ code: 'option_invalid', option })
  })

  test.each([undefined, null, 'POST /automation'])('is refused: %j', async (request) => {
    const refused = createVerifier({ secret }).verify(request as never)
    await expect(refused).rejects.toMatchObject({ code: 'option_invalid', option: 'request' })
  })
})

describe('the content type', () => {
  test('must be JSON when it is there, and must be there where that is asked for', async () => {
    const refusal = { code: 'content_type_unsupported', status: 415 }
    const { body, url } = requestOf()
    const bare = { url, body, headers: { 'x-signature': sign(body, secret) } }
    expect(await createVerifier({ secret }).verify(bare)).toMatchObject({ outcome: 'event' })
    await expect(createVerifier({ secret, contentType: 'required' }).verify(bare)).rejects.toMatchObject(
      refusal,
    )
    await expect(verify({ headers: { 'content-type': 'text/plain' } })).rejects.toMatchObject(refusal)
  })

  test('may have parameters', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect(await verify({ headers }, { contentType: 'required' })).toMatchObject({ outcome: 'event' })
  })
})

describe('the installation key', () => {
  test('must be one of those accepted', async () => {
    const key = ['north', 'süd']
    expect(await verify({ key: 'süd' }, { key })).toMatchObject({ webhook: { installation: 'süd' } })
    await expect(verify({ key: 'east' }, { key })).rejects.toMatchObject({ code: 'key_unknown', status: 401 })
    await expect(verify({}, { key })).rejects.toMatchObject({ code: 'key_missing', status: 401 })
    await expect(verify({ key: '' }, { key })).rejects.toMatchObject({ code: 'key_missing' })
    await expect(verify({ url: '/?key=north', key: 'north' }, { key })).rejects.toMatchObject({
      code: 'key_unknown',
    })
  })

  test('may not come twice, even where any is accepted', async () => {
    await expect(verify({ url: '/?key=north&key=south' })).rejects.toMatchObject({ code: 'key_unknown' })
  })
})

describe('secret: false', () => {
  test('takes unsigned requests, wrongly signed ones too, and knows no delivery', async () => {
    for (const signedWith of [false, 'another secret'] as const) {
      const verification = await verify({ secret: signedWith }, { secret: false })
      expect(verification).toMatchObject({ outcome: 'event' })
      expect(verification).not.toHaveProperty('webhook.delivery')
    }
  })

  test('still checks key, content type, body and payload', async () => {
    const open = { secret: false, key: 'north' } as const
    await expect(verify({ secret: false }, open)).rejects.toMatchObject({ code: 'key_missing' })
    await expect(verify({ secret: false, key: 'north', body: '{' }, open)).rejects.toMatchObject({
      code: 'body_not_json',
    })
    await expect(verify({ secret: false, key: 'north', body: '{}' }, open)).rejects.toMatchObject({
      code: 'payload_invalid',
    })
  })
})

describe('several things wrong', () => {
  test('are told in the order size, key, signature, timestamp, content type, JSON, schema', async () => {
    const remedies: [code: string, remedy: RequestOptions][] = [
      ['body_too_large', { body: 'x' }],
      ['key_missing', { url: '/?key=north' }],
      ['signature_mismatch', { secret }],
      ['timestamp_out_of_tolerance', { sentAt: new Date() }],
      ['content_type_unsupported', { headers: {} }],
      ['body_not_json', { body: '{}' }],
      ['payload_invalid', { body: '{"taskId":"1","eventType":"OrderSigned"}' }],
    ]
    const verifier = createVerifier({ secret, key: 'north', bodyLimitInBytes: 60, contentType: 'required' })
    const wrong: RequestOptions = {
      body: 'x'.repeat(61),
      secret: 'another',
      sentAt: new Date(0),
      headers: { 'content-type': 'text/plain' },
    }
    for (const [code, remedy] of remedies) {
      await expect(verifier.verify(requestOf(wrong))).rejects.toMatchObject({ code })
      Object.assign(wrong, remedy)
    }
    expect(await verifier.verify(requestOf(wrong))).toMatchObject({ outcome: 'event' })
  })
})

describe('arbitrary input', () => {
  const text = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 })
    .map((units) => String.fromCharCode(...units))
  const header = fc.option(fc.oneof(text, fc.array(text, { maxLength: 3 })), { nil: undefined })
  const headers = fc.record({
    'content-type': fc.oneof(fc.constant('application/json'), header),
    'x-signature': header,
    'webhook-id': header,
    'webhook-timestamp': fc.oneof(fc.constant('1700000000'), header),
    'webhook-signature': fc.oneof(
      text.map((rest) => `v1,${rest}`),
      header,
    ),
  })

  test('unsigned is refused with a 401 of its own code, and nothing else is thrown', async () => {
    const verifier = createVerifier({ secret })
    await fc.assert(
      fc.asyncProperty(headers, text, fc.uint8Array({ maxLength: 200 }), async (anyHeaders, url, body) => {
        const error: unknown = await verifier.verify({ headers: anyHeaders, url, body }).then(
          () => 'verified',
          (thrown: unknown) => thrown,
        )
        expect(WebhookError.isInstance(error) && error.status).toBe(401)
      }),
      { numRuns: 500 },
    )
  })

  test('that is signed is an event, ignored or a 400', async () => {
    const verifier = createVerifier({ secret })
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => Buffer.from(json)),
      fc
        .record(
          {
            taskId: fc.jsonValue(),
            orderId: fc.jsonValue(),
            eventType: fc.constantFrom('OrderSigned', 'x', 1),
          },
          { requiredKeys: [] },
        )
        .map((payload) => Buffer.from(JSON.stringify(payload))),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const result: unknown = await verifier.verify(requestOf({ body })).then(
          ({ outcome }) => outcome,
          (error: unknown) => WebhookError.isInstance(error) && error.status,
        )
        expect(['event', 'ignored', 400]).toContain(result)
      }),
      { numRuns: 500 },
    )
  })
})
