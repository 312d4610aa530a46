import { describe, expect, test } from 'vitest'
import {
  claim,
  claimOne,
  idsOf,
  look,
  lookAtAttempts,
  newDelivery,
  settle,
  startOfTime,
} from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What `resend` promises. */
export function describeResending<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()
  const later = startOfTime + 100

  describe('resend', () => {
    test.each(['delivered', 'exhausted', 'canceled'] as const)(
      'makes one that is %s pending again, under its id and with its attempts',
      async (state) => {
        const ledger = await open()
        await ledger.enqueue([newDelivery('1', { idempotencyKey: 'key' })])
        const accepted = await look(ledger, '1')
        const claimed = await claimOne(ledger)
        if (state === 'canceled') await ledger.cancel('1', startOfTime)
        await settle(ledger, claimed, { state: state === 'canceled' ? 'pending' : state })
        expect(await look(ledger, '1')).toMatchObject({ state })
        const [first] = await lookAtAttempts(ledger, '1')

        expect(await ledger.resend('1', later)).toBe(true)
        expect(await look(ledger, '1')).toEqual({ ...accepted, readyAt: later, attemptCount: 1 })
        expect(await claim(ledger, { now: later - 1 })).toEqual([])
        const again = await claimOne(ledger, { now: later })
        expect(again).toMatchObject({ id: '1', tries: 0 })
        expect(again.token).toBeGreaterThan(claimed.token)
        await settle(ledger, again, { now: later })
        expect(await lookAtAttempts(ledger, '1')).toEqual([
          first,
          { number: 2, startedAt: later, durationInMs: 1, outcome: 'delivered' },
        ])
      },
    )

    test('puts it behind what is pending of its ordering key', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2'), newDelivery('3')])
      await settle(ledger, await claimOne(ledger), { state: 'exhausted' })
      const second = await claimOne(ledger)
      await ledger.resend('1', startOfTime)
      await ledger.enqueue([newDelivery('4')])
      expect(await claim(ledger)).toEqual([])
      await settle(ledger, second)
      for (const id of ['3', '1', '4']) {
        const claimed = await claimOne(ledger)
        expect(claimed.id).toBe(id)
        await settle(ledger, claimed)
      }
    })

    test('does not let a former owner settle it', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const claimed = await claimOne(ledger)
      await settle(ledger, claimed)
      await ledger.resend('1', startOfTime)
      expect(await settle(ledger, claimed)).toBe(false)
      await claimOne(ledger)
      expect(await settle(ledger, claimed)).toBe(false)
    })

    test('tries one that waits for its time at once, and leaves it its place and schedule', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      await settle(ledger, await claimOne(ledger), { state: 'pending', readyAt: later + 9000 })
      expect(await ledger.resend('1', later)).toBe(true)
      expect(await claimOne(ledger, { now: later })).toMatchObject({ id: '1', tries: 1 })
    })

    test('does not delay one that is due', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      expect(await ledger.resend('1', later)).toBe(true)
      expect(await look(ledger, '1')).toMatchObject({ readyAt: startOfTime })
    })

    test('leaves one that waits for its turn, and one in flight, as they are', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const claimed = await claimOne(ledger)
      const before = await ledger.listDeliveries({}, { limit: 10 })
      expect(await ledger.resend('1', startOfTime)).toBe(true)
      expect(await ledger.resend('2', startOfTime)).toBe(true)
      expect(await ledger.listDeliveries({}, { limit: 10 })).toEqual(before)
      expect(await claim(ledger)).toEqual([])
      await settle(ledger, claimed)
      expect(idsOf(await claim(ledger))).toEqual(['2'])
    })

    test('takes back that one in flight is to be canceled', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const claimed = await claimOne(ledger)
      await ledger.cancel('1', startOfTime)
      expect(await ledger.resend('1', startOfTime)).toBe(true)
      await settle(ledger, claimed, { state: 'pending', readyAt: later })
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', readyAt: later })
    })

    test('does not know what is not there', async () => {
      const ledger = await open()
      expect(await ledger.resend('unknown', startOfTime)).toBe(false)
    })
  })
}
