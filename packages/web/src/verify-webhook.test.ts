import { memoryDedupe, OptionError, type TaskEvent, type VerifierOptions } from '@taskhook/core'
import { signedRequest, type SignedRequestOptions } from '@taskhook/core/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { verifierFor, verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'

describe('verifyWebhook', () => {
  test('gives the event and the bytes, and takes the outcome', async () => {
    const options = { secret, dedupe: memoryDedupe() }
    const verification = await verifyWebhook(request({ id: 'msg_1', key: 'north' }), options)
    if (verification.outcome !== 'event') throw new Error(`the outcome is ${verification.outcome}`)
    expectTypeOf(verification.webhook.event).toEqualTypeOf<TaskEvent>()
    expect(verification.webhook).toMatchObject({
      event: { taskId: '1', eventType: 'OrderAccepted', orderId: '1' },
      installation: 'north',
      delivery: { id: 'msg_1' },
    })
    expect(new TextDecoder().decode(verification.webhook.rawBody)).toContain('"taskId":"1"')

    await verification.settle(true)
    expect(await verifyWebhook(request({ id: 'msg_1' }), options)).toMatchObject({
      outcome: 'duplicate',
      delivery: { id: 'msg_1' },
    })
  })

  test('says which event it does not know', async () => {
    const verification = await verifyWebhook(
      request({ body: '{"taskId":"1","eventType":"OrderArchived"}' }),
      {
        secret,
      },
    )
    expect(verification).toEqual({ outcome: 'ignored', eventType: 'OrderArchived' })
  })

  test('has an event of the type that the schema makes', async () => {
    const schema = z.object({ id: z.coerce.number() })
    const verification = await verifyWebhook(request({ body: '{"id":"7"}' }), { secret, schema })
    if (verification.outcome !== 'event') throw new Error(`the outcome is ${verification.outcome}`)
    expectTypeOf(verification.webhook.event).toEqualTypeOf<{ id: number }>()
    expect(verification.webhook.event).toEqual({ id: 7 })
  })

  test('rejects with why a request is refused', async () => {
    await expect(verifyWebhook(request({ secret: 'a guess' }), { secret })).rejects.toMatchObject({
      code: 'signature_mismatch',
      status: 401,
    })
    await expect(
      verifyWebhook(request({ headers: { 'content-type': 'text/plain' } }), { secret }),
    ).rejects.toMatchObject({ code: 'content_type_unsupported' })
  })

  test('reads no more than the limit', async () => {
    const options = { secret, bodyLimitInBytes: 20 }
    await expect(verifyWebhook(request(), options)).rejects.toMatchObject({ code: 'body_too_large' })
  })

  test('rejects options that cannot work', async () => {
    for (const options of [{ secret: '' }, undefined, null]) {
      await expect(verifyWebhook(request(), options as VerifierOptions)).rejects.toBeInstanceOf(OptionError)
    }
  })

  test('takes a body without a content-type where that is allowed', async () => {
    const { url, headers, body } = signedRequest({ secret, url: 'https://localhost/automation' })
    delete headers['content-type']
    const bare = new Request(url, { method: 'POST', headers, body: new TextEncoder().encode(body) })
    const verification = await verifyWebhook(bare, { secret, contentType: 'when-present' })
    expect(verification.outcome).toBe('event')
  })
})

describe('verifierFor', () => {
  test('prepares one options object once', () => {
    const options: VerifierOptions = { secret }
    expect(verifierFor(options)).toBe(verifierFor(options))
    expect(verifierFor({ ...options })).not.toBe(verifierFor(options))
  })
})

function request(options: Partial<SignedRequestOptions> = {}): Request {
  const { method, url, headers, body } = signedRequest({
    secret,
    taskId: '1',
    url: 'https://localhost/automation',
    ...options,
  })
  return new Request(url, { method, headers, body })
}
