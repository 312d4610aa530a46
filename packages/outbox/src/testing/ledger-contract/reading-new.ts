import { describe, expect, test } from 'vitest'
import type { ReadPosition } from '../../ledger.ts'
import { idsOf } from '../look.ts'
import { newDeliveries, newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `readNew` promises. */
export function describeReadingNew<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  describe('readNew', () => {
    test('reads nothing without a position, and gives the one that is the end', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('before')])
      const start = await ledger.dispatch.readNew(undefined, 10)
      expect(start).toMatchObject({ deliveries: [], lateCount: 0, isEnd: true })
      await ledger.enqueue([newDelivery('after')])
      const { deliveries } = await ledger.dispatch.readNew(start.position, 10)
      expect(idsOf(deliveries)).toEqual(['after'])
    })

    test('reads everything that an attempt needs', async () => {
      const { ledger } = await open()
      const { position } = await ledger.dispatch.readNew(undefined, 10)
      await ledger.enqueue([
        newDelivery('1', { idempotencyKey: 'key', context: 'trace' }),
        newDelivery('2', { delayInMs: 50 }),
        newDelivery('3', { endpointId: 'two', orderingKey: 'a' }),
      ])
      const common = {
        number: expect.any(Number),
        partition: expect.any(Number),
        orderingKey: 'a',
        type: 'OrderSigned',
        acceptedAt: startOfTime,
        tries: 0,
      }
      const { deliveries } = await ledger.dispatch.readNew(position, 10)
      expect(deliveries).toEqual([
        {
          ...common,
          id: '1',
          endpointId: 'one',
          payload: '{"delivery":"1"}',
          context: 'trace',
          readyInMs: 0,
          isHead: true,
        },
        {
          ...common,
          id: '2',
          endpointId: 'one',
          payload: '{"delivery":"2"}',
          readyInMs: 50,
          isHead: false,
        },
        {
          ...common,
          id: '3',
          endpointId: 'two',
          payload: '{"delivery":"3"}',
          readyInMs: 0,
          isHead: true,
        },
      ])
      const [first, second] = deliveries
      expect(second!.number).toBeGreaterThan(first!.number)
    })

    test('reads on from each position, in pieces, until the end', async () => {
      const { ledger } = await open()
      let { position } = await ledger.dispatch.readNew(undefined, 3)
      const ids = Array.from({ length: 8 }, (_, index) => `${index}`)
      await ledger.enqueue(newDeliveries(ids))
      const read: string[][] = []
      for (let isEnd = false; !isEnd;) {
        const piece = await ledger.dispatch.readNew(position, 3)
        ;({ position, isEnd } = piece)
        read.push(idsOf(piece.deliveries))
      }
      expect(read.flat()).toEqual(ids)
      expect(Math.max(...read.map(({ length }) => length))).toBe(3)
      expect(await ledger.dispatch.readNew(position, 3)).toMatchObject({ deliveries: [], isEnd: true })
    })

    test('writes nothing: the same position reads the same again', async () => {
      const { ledger } = await open()
      const { position } = await ledger.dispatch.readNew(undefined, 10)
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const { deliveries } = await ledger.dispatch.readNew(position, 10)
      const again = await ledger.dispatch.readNew(position, 10)
      expect(again.deliveries).toEqual(deliveries)
      expect(idsOf(deliveries)).toEqual(['1', '2'])
    })

    test('leaves out what was delivered or canceled before it was read', async () => {
      const { ledger } = await open()
      const { position } = await ledger.dispatch.readNew(undefined, 10)
      await ledger.enqueue(newDeliveries(['1', '2', '3']))
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle((await dispatcher.readReady())[0]!)
      await ledger.operate.cancel('2')
      const { deliveries } = await ledger.dispatch.readNew(position, 10)
      expect(idsOf(deliveries)).toEqual(['3'])
    })

    test('reads what was resent, as it reads what is accepted', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle(await dispatcher.readOne(), { state: 'exhausted' })
      const { position } = await ledger.dispatch.readNew(undefined, 10)
      await ledger.operate.resend('1')
      const { deliveries } = await ledger.dispatch.readNew(position, 10)
      expect(deliveries).toMatchObject([{ id: '1', tries: 0, readyInMs: 0, isHead: true }])
    })

    test('reads what was accepted after everything before it was purged', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue(newDeliveries(['1', '2']))
      const dispatcher = await joinDispatcher(ledger)
      for (const delivery of await dispatcher.readReady()) await dispatcher.settle(delivery)
      const { position } = await ledger.dispatch.readNew(undefined, 10)
      time.pass(1000)
      expect(await ledger.dispatch.purge(0, 100)).toBe(2)
      await ledger.enqueue([newDelivery('3')])
      const { deliveries } = await ledger.dispatch.readNew(position, 10)
      expect(idsOf(deliveries)).toEqual(['3'])
    })

    test('reads each delivery once, while several accept at the same time', async () => {
      const { store, ledger } = await open()
      const others = [await store.open(), await store.open()]
      let { position } = await ledger.dispatch.readNew(undefined, 10)
      const read: string[] = []
      async function readAll(from: ReadPosition): Promise<ReadPosition> {
        const piece = await ledger.dispatch.readNew(from, 7)
        read.push(...idsOf(piece.deliveries))
        return piece.isEnd ? piece.position : readAll(piece.position)
      }
      const accepting = Promise.all(
        others.map(async (other, index) => {
          for (let round = 0; round < 20; round += 1) {
            const ids = [1, 2, 3].map((each) => `${index}-${round}-${each}`)
            await other.enqueue(newDeliveries(ids))
          }
        }),
      )
      for (let turn = 0; turn < 100; turn += 1) {
        position = await readAll(position)
        await new Promise<void>((resolve) => void setImmediate(resolve))
      }
      await accepting
      await readAll(position)
      expect(read).toHaveLength(120)
      expect(new Set(read).size).toBe(120)
    })
  })
}
