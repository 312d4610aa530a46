import { describe, expect, test } from 'vitest'
import { idsOf } from '../look.ts'
import { newDeliveries, newDelivery } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `readBacklog`, `readLines` and `readPending` promise. */
export function describeReadingBacklog<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  describe('readBacklog', () => {
    test('reads what is pending of an endpoint, in the order accepted, heads and what waits behind them', async () => {
      const { ledger } = await open()
      await ledger.enqueue([
        newDelivery('1'),
        newDelivery('2', { orderingKey: 'b' }),
        newDelivery('3'),
        newDelivery('4', { endpointId: 'two' }),
        newDelivery('5', { orderingKey: 'c', delayInMs: 7 }),
      ])
      const dispatcher = await joinDispatcher(ledger)
      const read = await dispatcher.readBacklog()
      expect(read.map(({ id, isHead, readyInMs }) => [id, isHead, readyInMs])).toEqual([
        ['1', true, 0],
        ['2', true, 0],
        ['3', false, 0],
        ['5', true, 7],
      ])
      expect(idsOf(await dispatcher.readBacklog({ endpointId: 'two' }))).toEqual(['4'])
      expect(await dispatcher.readBacklog({ endpointId: 'unknown' })).toEqual([])
    })

    test('reads the same as readNew does', async () => {
      const { ledger } = await open()
      const { position } = await ledger.dispatch.readNew(undefined, 10)
      await ledger.enqueue([newDelivery('1', { context: 'trace' }), newDelivery('2', { delayInMs: 5 })])
      const dispatcher = await joinDispatcher(ledger)
      const { deliveries } = await ledger.dispatch.readNew(position, 10)
      expect(await dispatcher.readBacklog()).toEqual(deliveries)
    })

    test('reads in pieces, each past the number of the one before', async () => {
      const { ledger } = await open()
      const ids = Array.from({ length: 10 }, (_, index) => `${index}`)
      await ledger.enqueue(newDeliveries(ids))
      const dispatcher = await joinDispatcher(ledger)
      const first = await dispatcher.readBacklog({ limit: 4 })
      const second = await dispatcher.readBacklog({ limit: 4, after: first.at(-1)!.number })
      const third = await dispatcher.readBacklog({ limit: 4, after: second.at(-1)!.number })
      expect([first, second, third].map(idsOf)).toEqual([ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)])
    })

    test('reads no partitions but those asked for', async () => {
      const { ledger } = await open()
      await ledger.enqueue(newDeliveries(Array.from({ length: 50 }, (_, index) => `${index}`)))
      const dispatcher = await joinDispatcher(ledger)
      const all = await dispatcher.readBacklog()
      const { partition } = all[0]!
      const some = await ledger.dispatch.readBacklog({
        endpointId: 'one',
        partitions: [partition],
        after: 0,
        limit: 100,
      })
      expect(some).toEqual(all.filter((one) => one.partition === partition))
      const none = await ledger.dispatch.readBacklog({
        endpointId: 'one',
        partitions: [],
        after: 0,
        limit: 100,
      })
      expect(none).toEqual([])
    })

    test('leaves out what is done', async () => {
      const { ledger } = await open()
      await ledger.enqueue(newDeliveries(['1', '2', '3', '4']))
      const dispatcher = await joinDispatcher(ledger)
      const [first, second] = await dispatcher.readReady()
      await dispatcher.settle(first!)
      await dispatcher.settle(second!, { state: 'exhausted' })
      await ledger.operate.cancel('3')
      expect(idsOf(await dispatcher.readBacklog())).toEqual(['4'])
    })
  })

  describe('readLines', () => {
    test('reads what is pending of each ordering key, as it is now', async () => {
      const { ledger } = await open()
      await ledger.enqueue([
        newDelivery('a1'),
        newDelivery('b1', { orderingKey: 'b' }),
        newDelivery('a2'),
        newDelivery('a3'),
        newDelivery('other', { endpointId: 'two' }),
      ])
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle((await dispatcher.readReady())[0]!)
      const request = { endpointId: 'one', orderingKey: 'a', after: 0, limit: 10 }
      const lines = await ledger.dispatch.readLines([
        request,
        { ...request, orderingKey: 'b' },
        { ...request, orderingKey: 'unknown' },
        { ...request, endpointId: 'unknown' },
        { ...request, limit: 1 },
      ])
      expect(lines.map(idsOf)).toEqual([['a2', 'a3'], ['b1'], [], [], ['a2']])
      expect(lines[0]!.map(({ isHead }) => isHead)).toEqual([true, false])
      const past = await ledger.dispatch.readLines([{ ...request, after: lines[0]![0]!.number }])
      expect(past.map(idsOf)).toEqual([['a3']])
    })

    // These two have the same CRC-32, so every partition that is made of one has both.
    test('tells two ordering keys apart that have the same hash', async () => {
      const { ledger } = await open()
      await ledger.enqueue(newDeliveries(['plumless', 'buckeroo']))
      const dispatcher = await joinDispatcher(ledger)
      expect(idsOf(await dispatcher.readReady())).toEqual(['plumless', 'buckeroo'])
      const lines = await ledger.dispatch.readLines(
        ['plumless', 'buckeroo'].map((orderingKey) => ({
          endpointId: 'one',
          orderingKey,
          after: 0,
          limit: 10,
        })),
      )
      expect(lines.map(idsOf)).toEqual([['plumless'], ['buckeroo']])
      const { deliveries } = await ledger.operate.listDeliveries({ orderingKey: 'buckeroo' }, { limit: 10 })
      expect(idsOf(deliveries)).toEqual(['buckeroo'])
    })
  })

  describe('readPending', () => {
    test('reads those that are pending still, as they are now', async () => {
      const { ledger } = await open()
      await ledger.enqueue(newDeliveries(['1', '2', '3', '4'], { delayInMs: 1000 }))
      const dispatcher = await joinDispatcher(ledger)
      const before = await dispatcher.readBacklog()
      await ledger.operate.cancel('1')
      await ledger.operate.resend('2')
      await dispatcher.settle(before[2]!)
      const after = await ledger.dispatch.readPending([...before.map(({ number }) => number), 1_000_000])
      expect(after.map(({ id, readyInMs }) => `${id} in ${readyInMs}`).toSorted()).toEqual([
        '2 in 0',
        '4 in 1000',
      ])
      expect(after.find(({ id }) => id === '4')).toEqual(before[3])
      expect(await ledger.dispatch.readPending([])).toEqual([])
    })

    test('does not know a delivery by the number that it had before it was resent', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      const dispatcher = await joinDispatcher(ledger)
      const { number } = await dispatcher.readOne()
      await ledger.operate.cancel('1')
      await ledger.operate.resend('1')
      expect(await ledger.dispatch.readPending([number])).toEqual([])
    })
  })
}
