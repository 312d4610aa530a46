import { describe, expect, test } from 'vitest'
import { idsOf, lookAtAttempts } from '../look.ts'
import { newDeliveries, newDelivery } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `purge` promises. */
export function describePurging<T>(createStore: CreateStore<T>): void {
  /** `count` deliveries, each delivered a second after the one before, the last one a second ago. */
  async function openDelivered(count: number) {
    const { ledger, time } = await openStore(createStore)
    const ids = Array.from({ length: count }, (_, index) => `${index}`)
    await ledger.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id, idempotencyKey: id })))
    const dispatcher = await joinDispatcher(ledger)
    for (const delivery of await dispatcher.readReady()) {
      await dispatcher.settle(delivery)
      time.pass(1000)
    }
    return { ledger, time, dispatcher }
  }

  describe('purge', () => {
    test('deletes what was delivered longer ago than a time, with its attempts, and nothing later', async () => {
      const { ledger } = await openDelivered(4)
      expect(await ledger.dispatch.purge(2500, 100)).toBe(2)
      const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 10 })
      expect(idsOf(deliveries)).toEqual(['3', '2'])
      expect(await ledger.operate.getDelivery('0')).toBeUndefined()
      expect(await lookAtAttempts(ledger, '2')).toHaveLength(1)
    })

    test('leaves no attempts behind for what is accepted next', async () => {
      const { ledger, time } = await openStore(createStore)
      const dispatcher = await joinDispatcher(ledger)
      await ledger.enqueue([newDelivery('0')])
      await dispatcher.settle(await dispatcher.readOne(), { state: 'pending', retryInMs: 0 })
      await dispatcher.settle(await dispatcher.readOne())
      time.pass(1000)
      await ledger.dispatch.purge(0, 100)
      await ledger.enqueue([newDelivery('0')])
      expect(await lookAtAttempts(ledger, '0')).toEqual([])
    })

    test('deletes at most as many as it is told, longest delivered first', async () => {
      const { ledger } = await openDelivered(5)
      expect(await ledger.dispatch.purge(0, 2)).toBe(2)
      const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 10 })
      expect(idsOf(deliveries)).toEqual(['4', '3', '2'])
      expect(await ledger.dispatch.purge(0, 2)).toBe(2)
      expect(await ledger.dispatch.purge(0, 2)).toBe(1)
      expect(await ledger.dispatch.purge(0, 2)).toBe(0)
    })

    test('leaves what is pending, exhausted or canceled, however old', async () => {
      const { ledger, time } = await openStore(createStore)
      await ledger.enqueue(newDeliveries(['1', '2', '3', '4']))
      const dispatcher = await joinDispatcher(ledger)
      const [first, second] = await dispatcher.readReady()
      await dispatcher.settle(first!, { state: 'exhausted' })
      await dispatcher.settle(second!, { state: 'pending' })
      await ledger.operate.cancel('3')
      time.pass(365 * 86_400_000)
      expect(await ledger.dispatch.purge(0, 100)).toBe(0)
      expect((await ledger.operate.listDeliveries({}, { limit: 10 })).deliveries).toHaveLength(4)
    })

    test('leaves one that was resent', async () => {
      const { ledger } = await openDelivered(1)
      await ledger.operate.resend('0')
      expect(await ledger.dispatch.purge(0, 100)).toBe(0)
    })

    test('forgets the idempotency key with the delivery', async () => {
      const { ledger } = await openDelivered(1)
      await ledger.dispatch.purge(0, 100)
      expect(await ledger.enqueue([newDelivery('new', { idempotencyKey: '0' })])).toEqual([
        { id: 'new', isRepeat: false },
      ])
    })
  })
}
