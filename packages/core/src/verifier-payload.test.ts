import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { signedRequest, type SignedRequestOptions } from './testing.ts'
import type { Verification } from './verification.ts'
import { createVerifier, type WebhookRequest } from './verifier.ts'
import type { IgnoredEvent, VerifierOptions } from './verifier-options.ts'

const secret = 'correct horse battery staple'
const anyObject = z.looseObject({ eventType: z.string() })

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

/** The event that comes of a body. */
async function eventOf<E>(
  body: string | Uint8Array,
  verifierOptions?: Partial<VerifierOptions<E>>,
): Promise<E> {
  const verification = await verify({ body }, verifierOptions)
  if (verification.outcome !== 'event') throw new Error(`expected an event, not ${verification.outcome}`)
  return verification.webhook.event
}

describe('a schema', () => {
  test('may be recursive', async () => {
    const step = z.object({
      name: z.string(),
      get next() {
        return step.optional()
      },
    })
    const verifier = createVerifier({ secret, schema: step })
    const payload = { name: 'a', next: { name: 'b', next: { name: 'c' } } }
    const body = JSON.stringify(payload)
    const verification = await verifier.verify({
      ...signedRequest({ secret, body }),
      body: Buffer.from(body),
    })
    expect(verification).toMatchObject({ outcome: 'event', webhook: { event: payload } })
    if (verification.outcome === 'event') {
      expectTypeOf(verification.webhook.event.next?.next?.name).toEqualTypeOf<string | undefined>()
    }
  })

  // parseWithoutPrototypes leaves off a byte order mark by itself.
  test('of any kind gets no text with two byte order marks', async () => {
    const verifier = createVerifier({ secret, schema: z.unknown() })
    const body = '\uFEFF\uFEFF{}'
    const refused = verifier.verify({ ...signedRequest({ secret, body }), body: Buffer.from(body) })
    await expect(refused).rejects.toMatchObject({ code: 'body_not_json' })
  })
})

describe('the bytes of a body', () => {
  test.each([
    ['line ends of Windows and spaces', '{\r\n  "eventType" : "OrderSigned" ,\r\n\t"taskId" : "1"\r\n}\r\n'],
    ['escapes', '{"eventType":"Order\\u0053igned","task\\u0049d":"\\u0031"}'],
    ['a byte order mark', '\ufeff{"eventType":"OrderSigned","taskId":"1"}'],
    [
      'numbers that JavaScript would write otherwise',
      '{"eventType":"OrderSigned","taskId":"1","a":1.0,"b":12345678901234567890,"c":1e400,"d":-0}',
    ],
    ['a key twice, of which the last counts', '{"taskId":"2","eventType":"OrderSigned","taskId":"1"}'],
    ['properties that are not known', '{"taskId":"1","eventType":"OrderSigned","state":{"a":[null]}}'],
    ['the older id alone', '{"orderId":"1","eventType":"OrderSigned"}'],
    [
      'prototype keys',
      '{"taskId":"1","eventType":"OrderSigned","__proto__":{"taskId":"2"},"constructor":{"prototype":{"taskId":"3"}}}',
    ],
  ])('may have %s', async (_what, body) => {
    const event = await eventOf(body)
    expect(event).toEqual({ taskId: '1', eventType: 'OrderSigned', orderId: '1' })
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype)
  })

  test.each([
    ['invalid UTF-8', Buffer.from('{"eventType":"OrderSigned","taskId":"\xff"}', 'latin1')],
    ['a character cut short', Buffer.from('{"taskId":"€"}').subarray(0, 13)],
    ['an encoded surrogate', Buffer.from('{"taskId":"\xed\xa0\x80","eventType":"OrderSigned"}', 'latin1')],
    ['an overlong slash', Buffer.from('{"taskId":"\xc0\xaf","eventType":"OrderSigned"}', 'latin1')],
    ['UTF-16', Buffer.from('{"taskId":"1","eventType":"OrderSigned"}', 'utf16le')],
    ['gzip', Buffer.of(0x1f, 0x8b, 8, 0)],
    ['a byte order mark alone', Buffer.of(0xef, 0xbb, 0xbf)],
    ['two byte order marks', Buffer.from('\uFEFF\uFEFF{"eventType":"OrderSigned","taskId":"1"}')],
    ['white space', Buffer.from(' \r\n')],
    ['NUL', Buffer.of(0)],
    ['a NUL after the JSON', Buffer.from('{"taskId":"1","eventType":"OrderSigned"}\0')],
    ['a form', Buffer.from('taskId=1&eventType=OrderSigned')],
    ['two objects', Buffer.from('{}{}')],
    ['single quotes', Buffer.from("{'taskId':'1'}")],
    ['a comment', Buffer.from('{}//')],
    ['NaN', Buffer.from('NaN')],
  ])('that are %s are body_not_json, with the default schema and with another', async (_what, body) => {
    const refusal = { code: 'body_not_json', status: 400 }
    await expect(verify({ body })).rejects.toMatchObject(refusal)
    await expect(verify({ body }, { schema: anyObject })).rejects.toMatchObject(refusal)
  })

  test('may be none: body_empty', async () => {
    await expect(verify({ body: '' })).rejects.toMatchObject({ code: 'body_empty', status: 400 })
  })

  test.each([
    ['null', 'null'],
    ['a string', '"x"'],
    ['a number', '1'],
    ['true', 'true'],
    ['an array', '[]'],
    ['an empty object', '{}'],
    ['an event in an array', '[{"taskId":"1","eventType":"OrderSigned"}]'],
    ['9999 arrays in one another', '['.repeat(9999) + ']'.repeat(9999)],
  ])('that are %s are payload_invalid', async (_what, body) => {
    await expect(verify({ body })).rejects.toMatchObject({
      code: 'payload_invalid',
      issues: [{ message: expect.any(String) }],
    })
    await expect(verify({ body }, { schema: anyObject })).rejects.toMatchObject({ code: 'payload_invalid' })
  })

  test('are refused when a parser has made something else of them', async () => {
    for (const body of [{ taskId: '1' }, '{}', undefined, null, new ArrayBuffer(2)]) {
      const request = { ...requestOf(), body: body as never }
      await expect(createVerifier({ secret }).verify(request)).rejects.toMatchObject({
        code: 'body_already_parsed',
      })
    }
  })

  test('may be as many as the limit, and not one more', async () => {
    const body = '{"taskId":"1","eventType":"OrderSigned"}'
    expect(await verify({ body }, { bodyLimitInBytes: body.length })).toMatchObject({ outcome: 'event' })
    await expect(verify({ body }, { bodyLimitInBytes: body.length - 1 })).rejects.toMatchObject({
      code: 'body_too_large',
      status: 413,
    })
  })

  test('are limited to 64 KiB, counted in bytes, where no limit is given', async () => {
    const padded = '{"taskId":"1","eventType":"OrderSigned"}'.padEnd(65_536)
    expect(await verify({ body: padded })).toMatchObject({ outcome: 'event' })
    await expect(verify({ body: `${padded} ` })).rejects.toMatchObject({ code: 'body_too_large' })
    const euros = Buffer.from(JSON.stringify('€'.repeat(22_000)))
    await expect(verify({ body: euros })).rejects.toMatchObject({ code: 'body_too_large' })
  })
})

describe('ids', () => {
  test('that differ are task_id_mismatch', async () => {
    const body = '{"orderId":"1","eventType":"OrderSigned","taskId":"2"}'
    await expect(verify({ body })).rejects.toMatchObject({
      code: 'task_id_mismatch',
      status: 400,
      issues: [{ path: ['orderId'] }],
    })
  })

  test.each([
    ['missing', {}],
    ['empty', { taskId: '' }],
    ['longer than 255 characters', { taskId: 'x'.repeat(256) }],
    ['no string', { taskId: 1 }],
  ])('that are %s are payload_invalid', async (_what, ids) => {
    const body = JSON.stringify({ eventType: 'OrderSigned', ...ids })
    await expect(verify({ body })).rejects.toMatchObject({
      code: 'payload_invalid',
      issues: [{ path: ['taskId'] }],
    })
  })
})

describe('a schema of your own', () => {
  test('gets the payload without prototype keys, at any depth', async () => {
    const body =
      '{"eventType":"a","__proto__":{"isAdmin":true},"inner":{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}}'
    const event = await eventOf(body, { schema: anyObject })
    expect(event).toEqual({ eventType: 'a', inner: {} })
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype)
    expect({ ...event, ...(event['inner'] as object) }).not.toHaveProperty('isAdmin')
    expect({}).not.toHaveProperty('isAdmin')
  })

  test('may validate asynchronously', async () => {
    const schema = anyObject.refine(async ({ eventType }) => Promise.resolve(eventType === 'right'), 'wrong')
    expect(await eventOf('{"eventType":"right"}', { schema })).toEqual({ eventType: 'right' })
    await expect(verify({ body: '{"eventType":"left"}' }, { schema })).rejects.toMatchObject({
      code: 'payload_invalid',
      issues: [{ message: 'wrong', path: [] }],
    })
  })

  test('gives the event that it makes of the payload', async () => {
    const schema = anyObject.transform(({ eventType }) => eventType.length)
    expect(await eventOf('{"eventType":"abc"}', { schema })).toBe(3)
  })

  test('is not asked about a request that is not authentic', async () => {
    const schema = z.unknown().refine(() => {
      throw new Error('asked')
    })
    const request = { ...requestOf(), body: Buffer.from('{}') }
    await expect(createVerifier({ secret, schema }).verify(request)).rejects.toMatchObject({
      code: 'signature_mismatch',
    })
  })
})

describe('an event type that is not known', () => {
  const body = '{"orderId":"1","eventType":"OrderArchived","taskId":"1"}'

  test('is ignored', async () => {
    expect(await verify({ body })).toEqual({ outcome: 'ignored', eventType: 'OrderArchived' })
  })

  test('is told to onIgnored, with the installation, and waited for', async () => {
    const ignored: IgnoredEvent[] = []
    const onIgnored = async (event: IgnoredEvent): Promise<void> => {
      await Promise.resolve()
      ignored.push(event)
    }
    await verify({ body, key: 'north' }, { onIgnored })
    await verify({ body }, { onIgnored })
    expect(ignored).toEqual([
      { eventType: 'OrderArchived', installation: 'north' },
      { eventType: 'OrderArchived' },
    ])
  })

  test('is retried when onIgnored fails', async () => {
    const error = new Error('log is full')
    await expect(verify({ body }, { onIgnored: async () => Promise.reject(error) })).rejects.toBe(error)
  })

  test('is refused where that is asked for, and onIgnored not called', async () => {
    const ignored: IgnoredEvent[] = []
    const onIgnored = (event: IgnoredEvent): void => void ignored.push(event)
    await expect(verify({ body }, { unknownEvents: 'reject', onIgnored })).rejects.toMatchObject({
      code: 'event_type_unknown',
      status: 400,
      issues: [{ path: ['eventType'] }],
    })
    expect(ignored).toEqual([])
  })

  test.each(['__proto__', 'constructor', 'toString', 'orderSigned', ' ', '\0'])(
    'may be %j, which is ignored like any other',
    async (eventType) => {
      const payload = JSON.stringify({ taskId: '1', eventType })
      expect(await verify({ body: payload })).toEqual({ outcome: 'ignored', eventType })
    },
  )

  test.each([
    '{"taskId":"1"}',
    '{"taskId":"1","eventType":""}',
    '{"taskId":"1","eventType":null}',
    '{"taskId":1,"eventType":"OrderArchived"}',
  ])('is not what is wrong with %s, which is refused', async (payload) => {
    await expect(verify({ body: payload })).rejects.toMatchObject({ code: 'payload_invalid' })
  })
})
