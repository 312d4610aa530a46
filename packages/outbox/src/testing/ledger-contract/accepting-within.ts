import { describe, expect, test } from 'vitest'
import { OutboxError } from '../../outbox-error.ts'
import { idsOf, listIds, look } from '../look.ts'
import { newDelivery } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `enqueue` promises within a transaction of the application. */
export function describeAcceptingWithin<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  describe('enqueue within a transaction of the application', () => {
    test('accepts what the application commits, and not before', async () => {
      const { store, ledger } = await open()
      const { transaction, commit } = await store.begin()
      const accepted = await ledger.enqueue([newDelivery('1'), newDelivery('2')], { transaction })
      expect(accepted).toEqual([
        { id: '1', isRepeat: false },
        { id: '2', isRepeat: false },
      ])
      expect(await ledger.operate.getDelivery('1')).toBeUndefined()
      await commit()
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', isHead: true })
      expect(await look(ledger, '2')).toMatchObject({ state: 'pending', isHead: false })
    })

    test('accepts nothing of what the application rolls back, not even the endpoint', async () => {
      const { store, ledger } = await open()
      const application = await store.begin()
      const delivery = newDelivery('1', { endpointId: 'new' })
      await ledger.enqueue([delivery], { transaction: application.transaction })
      await application.rollBack()
      expect(await ledger.operate.getDelivery('1')).toBeUndefined()
      expect(await ledger.operate.listEndpoints()).toEqual([])
      expect(await ledger.enqueue([delivery])).toEqual([{ id: '1', isRepeat: false }])
      expect(await look(ledger, '1')).toMatchObject({ endpointId: 'new' })
    })

    test('leaves the transaction as it was when one cannot be accepted, should the application go on', async () => {
      const { store, ledger } = await open()
      await ledger.enqueue([newDelivery('known')])
      const { transaction, commit } = await store.begin()
      await ledger.enqueue([newDelivery('1')], { transaction })
      const bad = ledger.enqueue([newDelivery('2'), newDelivery('known')], { transaction })
      await expect(bad).rejects.toSatisfy((error) => OutboxError.isInstance(error))
      await ledger.enqueue([newDelivery('3')], { transaction })
      await commit()
      expect(await listIds(ledger)).toEqual(['known', '1', '3'])
    })

    test('answers a repeated idempotency key with the first delivery, also of the same transaction', async () => {
      const { store, ledger } = await open()
      await ledger.enqueue([newDelivery('1', { idempotencyKey: 'one' })])
      const { transaction, commit } = await store.begin()
      const within = async (id: string, idempotencyKey: string) =>
        ledger.enqueue([newDelivery(id, { idempotencyKey })], { transaction })
      expect(await within('2', 'one')).toEqual([{ id: '1', isRepeat: true }])
      expect(await within('3', 'two')).toEqual([{ id: '3', isRepeat: false }])
      expect(await within('4', 'two')).toEqual([{ id: '3', isRepeat: true }])
      await commit()
    })

    test('waits behind what is pending of its ordering key', async () => {
      const { store, ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      const { transaction, commit } = await store.begin()
      await ledger.enqueue([newDelivery('2')], { transaction })
      await commit()
      const dispatcher = await joinDispatcher(ledger)
      const first = await dispatcher.readOne()
      expect(first.id).toBe('1')
      await dispatcher.settle(first)
      expect(await dispatcher.readOne()).toMatchObject({ id: '2' })
    })
  })

  describe('a transaction that commits late', () => {
    test('is read once, and so is what others committed before it', async () => {
      const { store, ledger, start, others, commit } = await openLate(createStore)
      if (store.isSerialized) await commit()
      await others
      const before = await ledger.dispatch.readNew(start.position, 10)
      if (!store.isSerialized) await commit()
      const after = await ledger.dispatch.readNew(before.position, 10)
      const ids = idsOf([...before.deliveries, ...after.deliveries])
      expect(ids.toSorted()).toEqual(['late', 'other', 'same key'])
      const late = store.isSerialized ? [[], 0] : [['late'], 1]
      expect([idsOf(after.deliveries), after.lateCount]).toEqual(late)
      expect((await ledger.dispatch.readNew(after.position, 10)).deliveries).toEqual([])
    })

    test('is the head of its ordering key from then on, as its number says', async () => {
      const { ledger, others, commit } = await openLate(createStore)
      await commit()
      await others
      const [line] = await ledger.dispatch.readLines([
        { endpointId: 'one', orderingKey: 'a', after: 0, limit: 10 },
      ])
      expect(line!.map(({ id, isHead }) => [id, isHead])).toEqual([
        ['late', true],
        ['same key', false],
      ])
    })

    test('is read by one who read the backlog meanwhile and reads on from a position before that', async () => {
      const { store, ledger, others, commit } = await openLate(createStore)
      if (store.isSerialized) await commit()
      await others
      const dispatcher = await joinDispatcher(ledger)
      const position = (await ledger.dispatch.readNew(undefined, 10)).position
      const backlog = await dispatcher.readBacklog()
      if (!store.isSerialized) await commit()
      const { deliveries } = await ledger.dispatch.readNew(position, 10)
      expect(idsOf([...backlog, ...deliveries]).toSorted()).toEqual(['late', 'other', 'same key'])
    })
  })
}

/** `late` takes its number first and is committed last; the others are accepted meanwhile. */
async function openLate<T>(createStore: CreateStore<T>) {
  const { store, ledger } = await openStore(createStore)
  const start = await ledger.dispatch.readNew(undefined, 10)
  const { transaction, commit } = await store.begin()
  await ledger.enqueue([newDelivery('late')], { transaction })
  const others = ledger.enqueue([newDelivery('same key'), newDelivery('other', { orderingKey: 'b' })])
  return { store, ledger, start, others, commit }
}
