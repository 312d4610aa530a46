import { describe, expect, test } from 'vitest'
import type { NewDelivery } from '../../delivery.ts'
import type { DuePosition } from '../../ledger.ts'
import { idsOf, look } from '../look.ts'
import { newDeliveries, newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `readDue` and `shortenWaits` promise. */
export function describeReadingDue<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  describe('readDue', () => {
    test('reads what has waited for as long as it was told, longest due first', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([waiting('30', 30), waiting('10', 10), waiting('40', 40), waiting('20', 20)])
      const dispatcher = await joinDispatcher(ledger)
      expect(await dispatcher.readDue()).toEqual({
        deliveries: [],
        position: undefined,
        isEnd: true,
        nextInMs: 10,
      })
      time.pass(30)
      const due = await dispatcher.readDue()
      expect(due).toMatchObject({ isEnd: true, nextInMs: 10 })
      expect(due.deliveries.map(({ id, readyInMs, isHead }) => [id, readyInMs, isHead])).toEqual([
        ['10', 0, true],
        ['20', 0, true],
        ['30', 0, true],
      ])
      time.pass(10)
      expect((await dispatcher.readDue()).nextInMs).toBeUndefined()
    })

    test('reads what an attempt has made wait, and nothing that never had to', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2'), newDelivery('3', { orderingKey: 'b' })])
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle((await dispatcher.readReady())[0]!, { state: 'pending', retryInMs: 500 })
      expect(await dispatcher.readDue()).toMatchObject({ deliveries: [], nextInMs: 500 })
      time.pass(500)
      expect((await dispatcher.readDue()).deliveries).toMatchObject([{ id: '1', tries: 1, isHead: true }])
    })

    test('leaves out what waits behind another, also when its own time has come', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { delayInMs: 5 }), waiting('3', 6)])
      const dispatcher = await joinDispatcher(ledger)
      time.pass(10)
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['3'])
      await dispatcher.settle((await dispatcher.readReady())[0]!)
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['2', '3'])
    })

    test('reads in pieces, each from the position of the one before, those included that are due at one time', async () => {
      const { ledger, time } = await open()
      const ids = Array.from({ length: 7 }, (_, index) => `${index}`)
      await ledger.enqueue(ids.map((id) => waiting(id, Number(id) < 5 ? 5 : 6)))
      const dispatcher = await joinDispatcher(ledger)
      time.pass(6)
      const read: string[] = []
      let after: DuePosition | undefined
      for (let isEnd = false, rounds = 0; !isEnd; rounds += 1) {
        const piece = await dispatcher.readDue({ after, limit: 2 })
        expect(piece.deliveries.length).toBeLessThanOrEqual(2)
        ;({ isEnd, position: after } = piece)
        read.push(...idsOf(piece.deliveries))
        expect(rounds).toBeLessThan(8)
      }
      expect(read).toEqual(ids)
    })

    test('reads no other endpoint and no other partitions', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([
        ...newDeliveries(
          Array.from({ length: 20 }, (_, index) => `${index}`),
          { delayInMs: 1 },
        ),
        newDelivery('other', { endpointId: 'two', delayInMs: 1 }),
      ])
      const dispatcher = await joinDispatcher(ledger)
      time.pass(1)
      const { deliveries } = await dispatcher.readDue()
      expect(deliveries).toHaveLength(20)
      const { partition } = deliveries[0]!
      const request = { endpointId: 'one', partitions: [partition], limit: 100 }
      expect((await ledger.dispatch.readDue(request)).deliveries).toEqual(
        deliveries.filter((one) => one.partition === partition),
      )
      expect(await ledger.dispatch.readDue({ ...request, endpointId: 'unknown' })).toMatchObject({
        deliveries: [],
        isEnd: true,
      })
    })
  })

  describe('a clock that is set back', () => {
    test('makes nothing wait longer than it was told to', async () => {
      const { ledger, time } = await open()
      const hour = 3_600_000
      await ledger.enqueue([waiting('1', 1000), waiting('2', 2 * hour), newDelivery('3')])
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle((await dispatcher.readReady())[0]!, { state: 'pending', retryInMs: 500 })
      time.set(startOfTime - hour)
      expect(await ledger.dispatch.shortenWaits(100)).toBe(3)
      expect(await ledger.dispatch.shortenWaits(100)).toBe(0)
      expect(await look(ledger, '1')).toMatchObject({ readyAt: time.now() + 1000 })
      expect(await look(ledger, '2')).toMatchObject({ readyAt: time.now() + 2 * hour })
      expect(await look(ledger, '3')).toMatchObject({ readyAt: time.now() + 500 })
      expect(await dispatcher.readDue()).toMatchObject({ nextInMs: 500 })
      time.pass(1000)
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['3', '1'])
    })

    test('is mended some deliveries at a time', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue(['1', '2', '3', '4', '5'].map((id) => waiting(id, 1000)))
      time.set(startOfTime - 5000)
      let changed = 0
      for (let round = 0; round < 10; round += 1) {
        const count = await ledger.dispatch.shortenWaits(2)
        expect(count).toBeLessThanOrEqual(2)
        changed += count
      }
      expect(changed).toBe(5)
    })

    test('leaves what waits rightly as it is', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([waiting('1', 1000)])
      time.pass(100)
      expect(await ledger.dispatch.shortenWaits(100)).toBe(0)
      expect(await look(ledger, '1')).toMatchObject({ readyAt: startOfTime + 1000 })
    })
  })
}

function waiting(id: string, delayInMs: number): NewDelivery {
  return newDelivery(id, { orderingKey: id, delayInMs })
}
