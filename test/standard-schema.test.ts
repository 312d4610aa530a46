import { createVerifier, handleEvents, taskEventSchema, type WebhookVerifier } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'

const secret = 'correct horse battery staple'

type Event =
  | { eventType: 'OrderSigned'; taskId: string; signers: number }
  | { eventType: 'OrderExpired'; taskId: string }

const zodSchema = z.discriminatedUnion('eventType', [
  z.object({ eventType: z.literal('OrderSigned'), taskId: z.string(), signers: z.number() }),
  z.object({ eventType: z.literal('OrderExpired'), taskId: z.string() }),
])
const valibotSchema = v.variant('eventType', [
  v.object({ eventType: v.literal('OrderSigned'), taskId: v.string(), signers: v.number() }),
  v.object({ eventType: v.literal('OrderExpired'), taskId: v.string() }),
])
const arktypeSchema = type({ eventType: "'OrderSigned'", taskId: 'string', signers: 'number' }).or({
  eventType: "'OrderExpired'",
  taskId: 'string',
})

const verifiers: Record<string, WebhookVerifier<Event>> = {
  zod: createVerifier({ secret, schema: zodSchema }),
  valibot: createVerifier({ secret, schema: valibotSchema }),
  arktype: createVerifier({ secret, schema: arktypeSchema }),
}

async function verify(verifier: WebhookVerifier<Event>, payload: unknown) {
  const { headers, url, body } = signedRequest({ secret, body: JSON.stringify(payload) })
  return verifier.verify({ headers, url, body: Buffer.from(body) })
}

describe.each(Object.entries(verifiers))('a schema of %s', (_library, verifier) => {
  test('makes the event', async () => {
    const payload = { eventType: 'OrderSigned', taskId: '1', signers: 2 }
    expect(await verify(verifier, payload)).toMatchObject({ outcome: 'event', webhook: { event: payload } })
  })

  test('refuses an invalid payload, and says where', async () => {
    await expect(
      verify(verifier, { eventType: 'OrderSigned', taskId: '1', signers: '2' }),
    ).rejects.toMatchObject({
      code: 'payload_invalid',
      issues: [{ message: expect.any(String), path: ['signers'] }],
    })
    await expect(verify(verifier, null)).rejects.toMatchObject({ code: 'payload_invalid' })
  })

  test('ignores an event type that it does not know', async () => {
    expect(await verify(verifier, { eventType: 'OrderArchived', taskId: '1' })).toEqual({
      outcome: 'ignored',
      eventType: 'OrderArchived',
    })
  })

  test('does not ignore a payload without a type', async () => {
    await expect(verify(verifier, { taskId: '1' })).rejects.toMatchObject({ code: 'payload_invalid' })
  })

  test('lets handlers have their own event', async () => {
    const signers: number[] = []
    const handle = handleEvents<Event>({ OrderSigned: (event) => void signers.push(event.signers) })
    const verification = await verify(verifier, { eventType: 'OrderSigned', taskId: '1', signers: 2 })
    if (verification.outcome === 'event') await handle(verification.webhook)
    expect(signers).toEqual([2])
  })
})

describe('the type of the event', () => {
  test('is that of the schema, whichever library made it', () => {
    expectTypeOf(createVerifier({ secret, schema: zodSchema })).toEqualTypeOf<WebhookVerifier<Event>>()
    expectTypeOf(createVerifier({ secret, schema: valibotSchema })).toEqualTypeOf<WebhookVerifier<Event>>()
    expectTypeOf(createVerifier({ secret, schema: arktypeSchema })).toEqualTypeOf<WebhookVerifier<Event>>()
    expectTypeOf(createVerifier({ secret, schema: taskEventSchema })).toEqualTypeOf<WebhookVerifier>()
  })

  test('is what comes out of a schema, not what goes in', () => {
    const schema = v.pipe(
      v.object({ eventType: v.string() }),
      v.transform(({ eventType }) => eventType.length),
    )
    expectTypeOf(createVerifier({ secret, schema })).toEqualTypeOf<WebhookVerifier<number>>()
  })
})
