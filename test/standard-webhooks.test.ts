import { createVerifier, type Verification, type VerifierOptions } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import * as fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const other = `whsec_${Buffer.alloc(24).toString('base64')}`
const theirs = new Webhook(secret)
const body = '{"taskId":"1","eventType":"OrderSigned"}'

/** The headers as their library makes them. It checks against the clock of the machine, so nothing else is used. */
function headersOf(
  webhook: Webhook,
  payload = body,
  id = 'msg_1',
  sentAt = new Date(),
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': webhook.sign(id, sentAt, payload),
  }
}

async function verify(
  headers: Record<string, string>,
  payload = body,
  options: Partial<VerifierOptions> = {},
): Promise<Verification> {
  const verifier = createVerifier({ secret, replayProtection: 'required', ...options })
  return verifier.verify({ headers, url: '/', body: Buffer.from(payload) })
}

const ids = fc.stringMatching(/^[!-\-/-~]{1,64}$/)
const keys = fc
  .uint8Array({ minLength: 24, maxLength: 80 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`)
const payloads = fc.string({ unit: 'grapheme', maxLength: 200 })

describe('what the standardwebhooks package signs', () => {
  test('verifies here', async () => {
    expect(await verify(headersOf(theirs))).toMatchObject({
      outcome: 'event',
      webhook: { event: { taskId: '1' }, delivery: { id: 'msg_1' } },
    })
  })

  test('verifies here under any key, with any id and payload', async () => {
    await fc.assert(
      fc.asyncProperty(keys, ids, payloads, async (key, id, task) => {
        const payload = JSON.stringify({ taskId: `#${task}`, eventType: 'OrderSigned' })
        const headers = headersOf(new Webhook(key), payload, id)
        expect(await verify(headers, payload, { secret: key })).toMatchObject({
          webhook: { event: { taskId: `#${task}` }, delivery: { id } },
        })
      }),
    )
  })

  test('verifies here under a secret that is no Base64, which they call raw', async () => {
    const plain = 'correct horse battery staple'
    const headers = headersOf(new Webhook(plain, { format: 'raw' }))
    expect(await verify(headers, body, { secret: plain })).toMatchObject({ outcome: 'event' })
  })

  test('does not verify here under another key, for another body, id or time', async () => {
    const others = headersOf(new Webhook(other))
    const headers = headersOf(theirs)
    const later = String(Number(headers['webhook-timestamp']) + 1)
    const mismatch = { code: 'signature_mismatch' }
    await expect(verify(others)).rejects.toMatchObject(mismatch)
    await expect(verify(headers, `${body} `)).rejects.toMatchObject(mismatch)
    await expect(verify({ ...headers, 'webhook-id': 'msg_2' })).rejects.toMatchObject(mismatch)
    await expect(verify({ ...headers, 'webhook-timestamp': later })).rejects.toMatchObject(mismatch)
  })

  test.each([-301, 301])('is out of tolerance here %i s from now', async (differenceInSeconds) => {
    const nowInMs = 1_700_000_000_000
    const sentAt = new Date(nowInMs + differenceInSeconds * 1000)
    const headers = headersOf(theirs, body, 'msg_1', sentAt)
    await expect(verify(headers, body, { now: () => nowInMs })).rejects.toMatchObject({
      code: 'timestamp_out_of_tolerance',
    })
  })
})

describe('what is signed here', () => {
  test('verifies with the standardwebhooks package', () => {
    const { headers, body: payload } = signedRequest({ secret, taskId: '1', eventType: 'OrderSigned' })
    expect(theirs.verify(payload, headers)).toEqual({ orderId: '1', eventType: 'OrderSigned', taskId: '1' })
  })

  test('verifies there under any key, with any id and payload', () => {
    fc.assert(
      fc.property(keys, ids, payloads, (key, id, payload) => {
        const json = JSON.stringify(payload)
        const { headers } = signedRequest({ secret: key, id, body: json })
        expect(new Webhook(key).verify(json, headers)).toBe(payload)
      }),
    )
  })

  test('verifies there with either secret of a rotation', () => {
    const { headers, body: payload } = signedRequest({ secret: [secret, other] })
    for (const one of [secret, other]) expect(() => new Webhook(one).verify(payload, headers)).not.toThrow()
    expect(() =>
      new Webhook(`whsec_${Buffer.alloc(24, 3).toString('base64')}`).verify(payload, headers),
    ).toThrow('No matching signature found')
  })
})
