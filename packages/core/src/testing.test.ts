import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { eventTypes, type EventType } from './event-type.ts'
import { OptionError } from './option-error.ts'
import { readInstallation } from './installation-key.ts'
import { sign } from './signature.ts'
import { signedRequest, type SignedRequestOptions } from './testing.ts'
import type { Verification } from './verification.ts'
import { createVerifier } from './verifier.ts'
import type { VerifierOptions } from './verifier-options.ts'

const secret = 'correct horse battery staple'

async function verify(
  options: SignedRequestOptions<string | Uint8Array>,
  verifierOptions: Partial<VerifierOptions> = {},
): Promise<Verification> {
  const { headers, url, body } = signedRequest(options)
  return createVerifier({ secret, ...verifierOptions }).verify({ headers, url, body: Buffer.from(body) })
}

describe('signedRequest', () => {
  test('is a POST of JSON that verifies under the strictest options', async () => {
    const strict = {
      key: 'north',
      replayProtection: 'required',
      unknownEvents: 'reject',
      contentType: 'required',
    } as const
    expect(signedRequest({ secret })).toMatchObject({ method: 'POST', url: '/automation' })
    expect(await verify({ secret, key: 'north' }, strict)).toMatchObject({
      outcome: 'event',
      webhook: { event: { eventType: 'OrderAccepted' }, installation: 'north' },
    })
  })

  test.each([secret, 'whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY+g==', ['current', 'previous']])(
    'verifies with the secret %j',
    async (one) => {
      expect(await verify({ secret: one }, { secret: one })).toMatchObject({ outcome: 'event' })
    },
  )

  test('of several secrets verifies where the first is known, with or without the others', async () => {
    const signed = { secret: ['current', 'previous'] }
    expect(await verify(signed, { secret: 'current' })).toMatchObject({ outcome: 'event' })
    expect(await verify(signed, { secret: ['previous', 'current'] })).toMatchObject({ outcome: 'event' })
    await expect(verify(signed, { secret: 'another' })).rejects.toMatchObject({ code: 'signature_mismatch' })
  })

  test('is unsigned with secret: false', async () => {
    expect(Object.keys(signedRequest({ secret: false }).headers)).toEqual(['content-type'])
    await expect(verify({ secret: false })).rejects.toMatchObject({ code: 'signature_missing' })
    expect(await verify({ secret: false }, { secret: false })).toMatchObject({ outcome: 'event' })
  })

  test('has the task, type, id and time that it is given', async () => {
    const sentAt = new Date(1_700_000_000_000)
    const options = { secret, taskId: '1', eventType: 'OrderSigned', id: 'msg_1', sentAt } as const
    expect(await verify(options, { now: () => sentAt.getTime() })).toMatchObject({
      webhook: { event: { taskId: '1', eventType: 'OrderSigned' }, delivery: { id: 'msg_1', sentAt } },
    })
  })

  test('has another task and another id each time by default', () => {
    const [one, two] = [signedRequest({ secret }), signedRequest({ secret })]
    expect(one.body).not.toBe(two.body)
    expect(one.headers['webhook-id']).not.toBe(two.headers['webhook-id'])
  })

  test('can do without the Standard Webhooks headers', async () => {
    const { headers } = signedRequest({ secret, standardWebhooks: false })
    expect(Object.keys(headers)).toEqual(['content-type', 'x-signature'])
    expect(await verify({ secret, standardWebhooks: false })).toMatchObject({ outcome: 'event' })
  })

  test('signs a body of your own as it is', async () => {
    const text = '{"taskId":"1", "eventType":"OrderSigned"}'
    for (const body of [text, Buffer.from(text)]) {
      const request = signedRequest({ secret, body })
      expect(request.body).toBe(body)
      expect(request.headers['x-signature']).toBe(sign(text, secret))
      expect(await verify({ secret, body })).toMatchObject({ outcome: 'event' })
    }
    expect(signedRequest({ secret, body: '' }).body).toBe('')
  })

  test('sends other headers in place of its own', async () => {
    const headers = { 'x-signature': 'x', 'x-other': 'y' }
    expect(signedRequest({ secret, headers }).headers).toMatchObject(headers)
    await expect(verify({ secret, headers })).rejects.toMatchObject({ code: 'signature_malformed' })
  })

  test.each([
    ['/automation', '/automation/?key=north'],
    ['/automation/', '/automation/?key=north'],
    ['http://www.example.org/automation', 'http://www.example.org/automation/?key=north'],
    ['http://www.example.org', 'http://www.example.org/?key=north'],
    ['/automation?a=1', '/automation/?a=1&key=north'],
    ['/automation?', '/automation/?key=north'],
    ['/automation?next=/a?b=c', '/automation/?next=/a?b=c&key=north'],
  ])('appends the key to %s as the sender does', (url, expected) => {
    expect(signedRequest({ secret, url, key: 'north' }).url).toBe(expected)
  })

  test('sends any key so that the receiver reads it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        expect(readInstallation(signedRequest({ secret, key }).url)).toBe(key)
      }),
    )
  })

  test('leaves the URL as it is without a key', () => {
    expect(signedRequest({ secret, url: '/a?b=c' }).url).toBe('/a?b=c')
  })

  test('verifies for every event type, task, id and secret', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter(({ length }) => length <= 255)
    const options = fc.record({
      secret: text.filter((one) => one.trim() !== '' && !one.startsWith('whsec_')),
      taskId: text,
      eventType: fc.constantFrom(...eventTypes),
      key: text,
      id: fc.stringMatching(/^[!-\-/-~]{1,64}$/),
      standardWebhooks: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(options, async (all) => {
        const verification = await verify(all, { secret: all.secret, key: ['another', all.key] })
        expect(verification).toMatchObject({
          webhook: { event: { taskId: all.taskId, eventType: all.eventType }, installation: all.key },
        })
      }),
    )
  })

  test('refuses what a sender would refuse', () => {
    expect(() => signedRequest({ secret: '' })).toThrow(OptionError)
    expect(() => signedRequest({ secret, taskId: '' })).toThrow(OptionError)
    expect(() => signedRequest({ secret, eventType: 'x' as EventType })).toThrow(OptionError)
    expect(() => signedRequest({ secret, id: 'a b' })).toThrow(OptionError)
  })

  test('has a body of the type that it is given', () => {
    expectTypeOf(signedRequest({ secret }).body).toEqualTypeOf<string>()
    expectTypeOf(signedRequest({ secret, body: new Uint8Array() }).body).toExtend<Uint8Array>()
    // @ts-expect-error a secret must be there, or false said out loud
    expect(() => signedRequest({})).toThrow('secret')
  })

  test('refuses a misspelt option, which would test something else', () => {
    const misspelt = { secret, standardwebhooks: false } as SignedRequestOptions
    expect(() => signedRequest(misspelt)).toThrow('the nearest one is "standardWebhooks"')
    expect(() => signedRequest(undefined as never)).toThrow(OptionError)
  })
})
