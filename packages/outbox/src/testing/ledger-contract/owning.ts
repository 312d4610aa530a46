import { describe, expect, test } from 'vitest'
import { partitionOf } from '../../records/partition-of.ts'
import { idsOf, look, lookAtEndpoint } from '../look.ts'
import { newDeliveries, newDelivery } from '../new-delivery.ts'
import { allPartitions, joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `acquire` and `release` promise, and epochs. */
export function describeOwning<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)
  const zero = { endpointId: 'one', partition: 0 }

  describe('acquire', () => {
    test('takes what is free, and leaves what another owns', async () => {
      const { ledger } = await open()
      const first = await joinDispatcher(ledger, { id: 'first', acquires: false })
      const second = await joinDispatcher(ledger, { id: 'second', acquires: false })
      expect(await first.acquire([zero])).toEqual([{ ...zero, epoch: expect.any(Number) }])
      expect(await second.acquire([zero, { ...zero, partition: 1 }])).toEqual([
        { ...zero, partition: 1, epoch: expect.any(Number) },
      ])
    })

    test('gives a partition of one endpoint without that of another', async () => {
      const { ledger } = await open()
      const first = await joinDispatcher(ledger, { id: 'first', acquires: false })
      const second = await joinDispatcher(ledger, { id: 'second', acquires: false })
      await first.acquire([zero])
      expect(await second.acquire([{ ...zero, endpointId: 'two' }])).toHaveLength(1)
    })

    test('counts what it owns already, under the same epoch', async () => {
      const { ledger } = await open()
      const dispatcher = await joinDispatcher(ledger)
      expect(await dispatcher.acquire()).toEqual(dispatcher.owned)
    })

    test('gives nothing to one that has not joined', async () => {
      const { ledger } = await open()
      expect(await ledger.dispatch.acquire('unknown', [zero])).toEqual([])
      const dispatcher = await joinDispatcher(ledger, { acquires: false })
      expect(await dispatcher.acquire([zero])).toHaveLength(1)
    })

    test('gives each partition to one of those who ask at the same time', async () => {
      const { store } = await open()
      const ledgers = [await store.open(), await store.open(), await store.open()]
      for (const [index, ledger] of ledgers.entries()) {
        await joinDispatcher(ledger, { id: `${index}`, acquires: false })
      }
      const wanted = allPartitions(ledgers[0]!, 'one')
      const got = await Promise.all(
        ledgers.map((ledger, index) => ledger.dispatch.acquire(`${index}`, wanted)),
      )
      const partitions = got.flat().map(({ partition }) => partition)
      expect(partitions.toSorted((a, b) => a - b)).toEqual(wanted.map(({ partition }) => partition))
    })
  })

  describe('an epoch', () => {
    test('rises with every owner, also when that is the same one again', async () => {
      const { ledger } = await open()
      const first = await joinDispatcher(ledger, { id: 'first', acquires: false })
      const second = await joinDispatcher(ledger, { id: 'second', acquires: false })
      let last = -1
      for (const owner of [first, second, second, first]) {
        const [partition] = await owner.acquire([zero])
        expect(partition!.epoch).toBeGreaterThan(last)
        last = partition!.epoch
        await ledger.dispatch.release(owner.id, [partition!])
      }
    })

    test('that is over settles nothing, even for one who owns the partition again', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      const dispatcher = await joinDispatcher(ledger)
      const delivery = await dispatcher.readOne()
      const old = dispatcher.toSettlement(delivery)
      await ledger.dispatch.release('first', dispatcher.owned)
      await dispatcher.acquire()
      expect(await ledger.dispatch.settle('first', [old])).toEqual(['lost'])
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 0 })
      expect(await dispatcher.settle(delivery)).toBe('delivered')
    })

    test("settles for its owner alone, and for its partition's deliveries alone", async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      const owner = await joinDispatcher(ledger)
      await joinDispatcher(ledger, { id: 'second' })
      const settlement = owner.toSettlement(await owner.readOne())
      const other = owner.owned.find(({ partition }) => partition !== settlement.partition)!
      expect(await ledger.dispatch.settle('second', [settlement])).toEqual(['lost'])
      expect(await ledger.dispatch.settle('first', [{ ...settlement, ...other }])).toEqual(['lost'])
      expect(await ledger.dispatch.settle('first', [settlement])).toEqual(['delivered'])
    })
  })

  describe('release', () => {
    test('gives back what it owns under that epoch, and nothing else', async () => {
      const { ledger } = await open()
      const first = await joinDispatcher(ledger, { id: 'first', acquires: false })
      const second = await joinDispatcher(ledger, { id: 'second', acquires: false })
      const [before] = await first.acquire([zero])
      await ledger.dispatch.release('second', [before!])
      await ledger.dispatch.release('first', [{ ...before!, epoch: before!.epoch + 1 }])
      expect(await second.acquire([zero])).toEqual([])
      await ledger.dispatch.release('first', [before!])
      expect(await second.acquire([zero])).toHaveLength(1)
      await ledger.dispatch.release('first', [before!])
      expect(await first.acquire([zero])).toEqual([])
    })
  })

  describe('what is owned', () => {
    test('is said of deliveries and endpoints', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      expect(await look(ledger, '1')).toMatchObject({ isOwned: false })
      const dispatcher = await joinDispatcher(ledger, { endpointIds: ['one'] })
      expect(await look(ledger, '1')).toMatchObject({ isOwned: true })
      expect(await lookAtEndpoint(ledger)).toMatchObject({ isOwned: true })
      expect(await lookAtEndpoint(ledger, 'two')).toMatchObject({ isOwned: false })
      await dispatcher.settle(await dispatcher.readOne())
      await ledger.dispatch.leave('first')
      expect(await look(ledger, '1')).toMatchObject({ isOwned: false })
      expect(await lookAtEndpoint(ledger)).toMatchObject({ isOwned: false })
    })

    test('is a set of ordering keys that is the same everywhere', async () => {
      const { ledger } = await open()
      const keys = Array.from({ length: 200 }, (_, index) => `task ${index} š`)
      await ledger.enqueue(newDeliveries(keys))
      const dispatcher = await joinDispatcher(ledger)
      const { partitionCount } = ledger.dispatch
      for (const { orderingKey, partition } of await dispatcher.readBacklog()) {
        expect(partition).toBe(partitionOf(orderingKey, partitionCount))
      }
      const owned = dispatcher.owned.filter(({ partition }) => partition % 3 === 0)
      const partitions = owned.map(({ partition }) => partition)
      const some = await ledger.dispatch.readBacklog({ endpointId: 'one', partitions, after: 0, limit: 1000 })
      expect(idsOf(some)).toEqual(keys.filter((key) => partitionOf(key, partitionCount) % 3 === 0))
    })
  })
}
