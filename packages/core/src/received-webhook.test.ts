import { describe, expect, test, vi } from 'vitest'
import { settleNothing, type Settle } from './claim-delivery.ts'
import { OptionError } from './option-error.ts'
import { receiveWebhook } from './received-webhook.ts'
import type { VerifiedWebhook } from './verification.ts'

function receive(settle: Settle) {
  const webhook: VerifiedWebhook<string> = { event: 'an event', rawBody: new Uint8Array() }
  const report = vi.fn<(error: unknown) => void>()
  return { ...receiveWebhook({ webhook, settle }, report), report }
}

describe('a received webhook', () => {
  test('is settled by the end of its answer', async () => {
    for (const succeeded of [true, false]) {
      const settle = vi.fn<Settle>(async () => {})
      await receive(settle).delivery.end(succeeded)
      expect(settle).toHaveBeenCalledExactlyOnceWith(succeeded)
    }
  })

  test.each([
    ['fulfilled', () => Promise.resolve('done'), true],
    ['rejected', () => Promise.reject(new Error('the disk is full')), false],
  ])(
    'is settled by the work it waits for once that is %s, not by its answer',
    async (_how, start, succeeded) => {
      const work: Promise<unknown> = start()
      const told = Promise.withResolvers<boolean>()
      const settle = vi.fn<Settle>(async (how) => told.resolve(how))
      const { webhook, delivery } = receive(settle)
      const waited = webhook.waitUntil(work)
      await delivery.end(!succeeded)
      expect(await told.promise).toBe(succeeded)
      expect(settle).toHaveBeenCalledOnce()
      expect(waited).toBe(work)
    },
  )

  // The claim waited for what could not end, and was held for a quarter of an hour.
  test('refuses to wait for what is no promise, and is settled by its answer then', async () => {
    const settle = vi.fn<Settle>(async () => {})
    const { webhook, delivery } = receive(settle)
    for (const work of [undefined, async () => {}]) {
      expect(() => webhook.waitUntil(work as never)).toThrow(
        expect.objectContaining({ code: 'option_invalid', option: 'work' }),
      )
      expect(() => receive(settleNothing).webhook.waitUntil(work as never)).toThrow(OptionError)
    }
    await delivery.end(false)
    expect(settle).toHaveBeenCalledExactlyOnceWith(false)
  })

  test('is settled by its handler, with what it gives', async () => {
    const settle = vi.fn<Settle>(async () => {})
    await receive(settle).webhook.settle(true, { transaction: 1 })
    expect(settle).toHaveBeenCalledExactlyOnceWith(true, { transaction: 1 })
  })

  test('reports what the store throws where no caller hears it', async () => {
    const failure = new Error('store down')
    const { webhook, delivery, report } = receive(() => Promise.reject(failure))
    await delivery.end(true)
    expect(report).toHaveBeenCalledExactlyOnceWith(failure)
    await expect(webhook.settle(true)).rejects.toBe(failure)
  })

  test('has nothing to settle without a store, and says so', async () => {
    const { webhook, delivery } = receive(settleNothing)
    expect(delivery.isSettled).toBe(true)
    const work = Promise.resolve(1)
    expect(webhook.waitUntil(work)).toBe(work)
    await webhook.settle(true)
    await delivery.end(true)
  })
})
