import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Settle } from './claim-delivery.ts'
import type { DedupeStore } from './dedupe-store.ts'
import { memoryDedupe } from './memory-dedupe.ts'
import type { TaskEvent } from './task-event.ts'
import { signedRequest, type SignedRequestOptions } from './testing.ts'
import type { Verification, VerifiedWebhook } from './verification.ts'
import { createVerifier, type WebhookVerifier } from './verifier.ts'

const secret = 'correct horse battery staple'

async function verify(
  dedupe: DedupeStore,
  options: Partial<SignedRequestOptions> = {},
): Promise<Verification> {
  const { headers, url, body } = signedRequest({ secret, id: 'msg_1', ...options })
  return createVerifier({ secret, dedupe }).verify({ headers, url, body: Buffer.from(body) })
}

/** Verifies a request that must be an event, and says how handling it went. */
async function handle(dedupe: DedupeStore, succeeded: boolean): Promise<void> {
  const verification = await verify(dedupe)
  if (verification.outcome !== 'event') throw new Error(`expected an event, not ${verification.outcome}`)
  await verification.settle(succeeded)
}

/** A store to which every delivery is new, and what it was called with. */
function recorded() {
  const calls: unknown[][] = []
  const store: DedupeStore = {
    ...memoryDedupe(),
    begin: async (...parameters) => {
      calls.push(['begin', ...parameters])
      return {
        commit: async () => void calls.push(['commit']),
        abort: async () => void calls.push(['abort']),
        renew: async () => true,
      }
    },
  }
  return { calls, store }
}

describe('a repeated delivery', () => {
  // The id was once joined to the installation with a colon, which either of them may have in it.
  test.each([
    ['the same id', { key: 'a', id: 'msg_1' }, { key: 'b', id: 'msg_1' }],
    ['ids that run together', { key: 'a', id: 'b:c' }, { key: 'a:b', id: 'c' }],
  ])('is no other of an installation with a secret of its own: %s', async (_name, one, other) => {
    const dedupe = memoryDedupe()
    const verifier = createVerifier({ secret: ({ installation }) => `secret of ${installation}`, dedupe })
    for (const { key, id } of [one, other]) {
      const { headers, url, body } = signedRequest({ secret: `secret of ${key}`, key, id })
      const verification = await verifier.verify({ headers, url, body: Buffer.from(body) })
      expect(verification).toMatchObject({ outcome: 'event', webhook: { installation: key } })
      if (verification.outcome === 'event') await verification.settle(true)
    }
  })

  // The id was once bound to the key, which is not signed: one recorded request ran the handler under each key it was given.
  test('is a repeat under any key that leads to the same secret', async () => {
    const verifier = createVerifier({
      secret: () => secret,
      dedupe: memoryDedupe(),
      replayProtection: 'required',
    })
    const { headers, body } = signedRequest({ secret })
    const replay = (url: string): Promise<Verification> =>
      verifier.verify({ headers, url, body: Buffer.from(body) })
    const first = await replay('/automation/?key=north')
    if (first.outcome === 'event') await first.settle(true)
    for (const url of ['/automation/?key=south', '/automation', '/?key=', '/automation/?key=north&x']) {
      expect(await replay(url)).toMatchObject({ outcome: 'duplicate' })
    }
  })

  test('is a repeat during a rotation of the secret that was found', async () => {
    let found: string | string[] = 'the old one'
    const verifier = createVerifier({ secret: () => found, dedupe: memoryDedupe() })
    const attempt = (signedWith: string | string[]): Promise<Verification> => {
      const { headers, url, body } = signedRequest({
        secret: signedWith,
        id: 'msg_1',
        standardWebhooks: true,
      })
      const { 'x-signature': _left, ...standard } = headers
      return verifier.verify({ headers: standard, url, body: Buffer.from(body) })
    }
    const first = await attempt('the old one')
    if (first.outcome === 'event') await first.settle(true)
    found = ['the new one', 'the old one']
    expect(await attempt('the old one')).toMatchObject({ outcome: 'duplicate' })
    expect(await attempt(['the new one', 'the old one'])).toMatchObject({ outcome: 'duplicate' })
  })

  test('tells the store whose it is by a name that is none of the secret or the key', async () => {
    const { calls, store } = recorded()
    const verifier = createVerifier({ secret: () => secret, dedupe: store })
    const { headers, url, body } = signedRequest({ secret, id: 'msg_1', key: 'north' })
    await verifier.verify({ headers, url, body: Buffer.from(body) })
    const tenant = expect.stringMatching(/^[\w-]{16}$/)
    expect(calls).toEqual([['begin', expect.stringMatching(/^[\w-]{16}\.msg_1$/), { tenant }]])
  })

  test('is a duplicate once it succeeded, and tells when it was sent', async () => {
    const dedupe = memoryDedupe()
    await handle(dedupe, true)
    const sentAt = new Date(Math.floor(Date.now() / 1000) * 1000)
    expect(await verify(dedupe, { sentAt })).toEqual({
      outcome: 'duplicate',
      delivery: { id: 'msg_1', sentAt },
    })
  })

  test('is an event again after it failed', async () => {
    const dedupe = memoryDedupe()
    await handle(dedupe, false)
    await handle(dedupe, true)
    expect(await verify(dedupe)).toMatchObject({ outcome: 'duplicate' })
  })

  test('is refused while the first is being handled', async () => {
    const dedupe = memoryDedupe()
    await verify(dedupe)
    await expect(verify(dedupe)).rejects.toMatchObject({
      code: 'delivery_in_progress',
      status: 409,
      headers: { 'retry-after': '1' },
    })
  })

  test('cannot be told without a delivery id', async () => {
    const dedupe = memoryDedupe()
    for (let time = 0; time < 2; time += 1) {
      expect(await verify(dedupe, { standardWebhooks: false })).toMatchObject({ outcome: 'event' })
    }
  })

  test('is told by its id and not by its body', async () => {
    const dedupe = memoryDedupe()
    await handle(dedupe, true)
    expect(await verify(dedupe, { id: 'msg_2' })).toMatchObject({ outcome: 'event' })
    expect(await verify(dedupe, { taskId: 'another' })).toMatchObject({ outcome: 'duplicate' })
  })
})

describe('the dedupe store', () => {
  test('is asked once a delivery, and told once', async () => {
    const { calls, store } = recorded()
    const verification = await verify(store)
    if (verification.outcome === 'event') {
      await verification.settle(true)
      await verification.settle(false)
    }
    expect(calls).toEqual([['begin', 'msg_1', {}], ['commit']])
  })

  test('hears nothing of a request that is refused or ignored', async () => {
    const { calls, store } = recorded()
    await expect(verify(store, { secret: 'another' })).rejects.toMatchObject({ code: 'signature_mismatch' })
    await expect(verify(store, { body: '{' })).rejects.toMatchObject({ code: 'body_not_json' })
    await expect(verify(store, { body: '{}' })).rejects.toMatchObject({ code: 'payload_invalid' })
    expect(await verify(store, { body: '{"taskId":"1","eventType":"x"}' })).toMatchObject({
      outcome: 'ignored',
    })
    expect(calls).toEqual([])
  })

  test('that fails makes the sender retry', async () => {
    const { store } = recorded()
    const cause = new Error('connection lost')
    const begin = async () => Promise.reject(cause)
    await expect(verify({ ...store, begin })).rejects.toMatchObject({
      code: 'dedupe_unavailable',
      status: 503,
      cause,
    })
  })
})

describe('the type Verification', () => {
  test('must be narrowed to an event before its webhook can be used', async () => {
    const verification = await verify(memoryDedupe())
    // @ts-expect-error it may be ignored or a duplicate
    void verification.webhook
    // @ts-expect-error it may be ignored or a duplicate
    void verification.settle
    // @ts-expect-error it may be an event or ignored
    void verification.delivery
    if (verification.outcome === 'event') {
      expectTypeOf(verification.webhook).toEqualTypeOf<VerifiedWebhook>()
      expectTypeOf(verification.settle).toEqualTypeOf<Settle>()
    } else if (verification.outcome === 'ignored') {
      expectTypeOf(verification).toEqualTypeOf<{ outcome: 'ignored'; eventType: string }>()
    } else {
      expectTypeOf(verification.delivery).toEqualTypeOf<{ id: string; sentAt: Date }>()
    }
  })

  test('has three outcomes', () => {
    expectTypeOf<Verification['outcome']>().toEqualTypeOf<'event' | 'ignored' | 'duplicate'>()
  })

  test('has a TaskEvent where no schema says otherwise', () => {
    expectTypeOf(createVerifier({ secret })).toEqualTypeOf<WebhookVerifier>()
    expectTypeOf<VerifiedWebhook['event']>().toEqualTypeOf<TaskEvent>()
  })
})

async function holderOf(found: string | (() => string), signedWith: string): Promise<string | undefined> {
  const { headers, url, body } = signedRequest({ secret: signedWith })
  const verification = await createVerifier({ secret: found }).verify({
    headers,
    url,
    body: Buffer.from(body),
  })
  return verification.outcome === 'event' ? verification.webhook.tenant : 'no event'
}

test('the holder of a secret is named where a function finds secrets, also without a dedupe store', async () => {
  const [north, south] = ['the secret of north', 'the secret of south']
  const name = await holderOf(() => north, north)
  expect(name).toMatch(/^[\w-]{16}$/)
  expect(await holderOf(() => north, north)).toBe(name)
  expect(await holderOf(() => south, south)).not.toBe(name)
  expect(await holderOf(north, north)).toBeUndefined()
})
