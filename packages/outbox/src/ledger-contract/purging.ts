import { describe, expect, test } from 'vitest'
import { claim, idsOf, lookAtAttempts, newDelivery, settle, startOfTime } from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What `purge` promises. */
export function describePurging<T>(createStore: CreateStore<T>): void {
  /** `count` deliveries, each delivered a millisecond after the one before. */
  async function openDelivered(count: number) {
    const ledger = await (await createStore()).open()
    const ids = Array.from({ length: count }, (_, index) => `${index}`)
    await ledger.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id, idempotencyKey: id })))
    for (const claimed of await claim(ledger)) {
      await settle(ledger, claimed, { now: startOfTime + Number(claimed.id) })
    }
    return ledger
  }

  describe('purge', () => {
    test('deletes what was delivered before a time, with its attempts, and nothing later', async () => {
      const ledger = await openDelivered(4)
      expect(await ledger.purge(startOfTime + 2, 100)).toBe(2)
      expect(idsOf((await ledger.listDeliveries({}, { limit: 10 })).deliveries)).toEqual(['3', '2'])
      expect(await ledger.getDelivery('0')).toBeUndefined()
      expect(await lookAtAttempts(ledger, '2')).toHaveLength(1)
    })

    test('leaves no attempts behind for whatever is accepted next', async () => {
      const ledger = await openDelivered(1)
      await ledger.purge(startOfTime + 1, 100)
      // The first one there is again, under the same id: attempts left behind would be its own.
      await ledger.enqueue([newDelivery('0')])
      expect(await lookAtAttempts(ledger, '0')).toEqual([])
    })

    test('deletes at most as many as it is told, longest delivered first', async () => {
      const ledger = await openDelivered(5)
      expect(await ledger.purge(startOfTime + 100, 2)).toBe(2)
      expect(idsOf((await ledger.listDeliveries({}, { limit: 10 })).deliveries)).toEqual(['4', '3', '2'])
      expect(await ledger.purge(startOfTime + 100, 2)).toBe(2)
      expect(await ledger.purge(startOfTime + 100, 2)).toBe(1)
      expect(await ledger.purge(startOfTime + 100, 2)).toBe(0)
    })

    test('leaves what is pending, exhausted or canceled, however old', async () => {
      const ledger = await (await createStore()).open()
      await ledger.enqueue(['1', '2', '3', '4'].map((id) => newDelivery(id, { orderingKey: id })))
      const [first] = await claim(ledger, { limit: 1 })
      await settle(ledger, first!, { state: 'exhausted' })
      await claim(ledger, { limit: 1 })
      await ledger.cancel('3', startOfTime)
      expect(await ledger.purge(Number.MAX_SAFE_INTEGER, 100)).toBe(0)
      expect((await ledger.listDeliveries({}, { limit: 10 })).deliveries).toHaveLength(4)
    })

    test('leaves one that was resent', async () => {
      const ledger = await openDelivered(1)
      await ledger.resend('0', startOfTime)
      expect(await ledger.purge(Number.MAX_SAFE_INTEGER, 100)).toBe(0)
    })

    test('forgets the idempotency key with the delivery', async () => {
      const ledger = await openDelivered(1)
      await ledger.purge(Number.MAX_SAFE_INTEGER, 100)
      expect(await ledger.enqueue([newDelivery('new', { idempotencyKey: '0' })])).toEqual([
        { id: 'new', isRepeat: false },
      ])
    })
  })
}
