import { describe, expect, test } from 'vitest'
import type { DeliveryFilter, Ledger } from '../../ledger.ts'
import { idsOf, look } from '../look.ts'
import { newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `listDeliveries` and `getDelivery` promise. */
export function describeListing<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  /** 1 to 6 at `one`: delivered, exhausted, canceled, waiting, pending, pending behind it; and 7 at `two`. */
  async function openFilled() {
    const { ledger, time } = await open()
    for (const number of [1, 2, 3, 4, 5, 6, 7]) {
      time.pass(1)
      const delivery = newDelivery(`${number}`, {
        endpointId: number === 7 ? 'two' : 'one',
        orderingKey: number > 5 ? 'task 5' : `task ${number}`,
        type: number % 2 === 0 ? 'OrderSigned' : 'OrderCreated',
      })
      await ledger.enqueue([delivery])
    }
    const dispatcher = await joinDispatcher(ledger, { endpointIds: ['one'] })
    const [first, second, , fourth] = await dispatcher.readReady()
    await dispatcher.settle(first!)
    await dispatcher.settle(second!, { state: 'exhausted' })
    await dispatcher.settle(fourth!, { state: 'pending' })
    await ledger.operate.cancel('3')
    return ledger
  }

  describe('listDeliveries', () => {
    test('lists all there are, latest first, as they are looked up one by one', async () => {
      const ledger = await openFilled()
      const { deliveries, nextCursor } = await ledger.operate.listDeliveries({}, { limit: 100 })
      expect(idsOf(deliveries)).toEqual(['7', '6', '5', '4', '3', '2', '1'])
      expect(nextCursor).toBeUndefined()
      for (const delivery of deliveries) expect(delivery).toEqual(await look(ledger, delivery.id))
      expect(idsOf(deliveries.filter(({ isHead }) => isHead))).toEqual(['7', '5', '4'])
      expect(idsOf(deliveries.filter(({ isOwned }) => isOwned))).toEqual(['6', '5', '4', '3', '2', '1'])
      expect(deliveries[3]).toMatchObject({ readyAt: startOfTime + 7 + 1000, attemptCount: 1 })
    })

    test.each<[DeliveryFilter, string]>([
      [{ state: 'pending' }, '7654'],
      [{ state: 'delivered' }, '1'],
      [{ state: 'exhausted' }, '2'],
      [{ state: 'canceled' }, '3'],
      [{ endpointId: 'one' }, '654321'],
      [{ endpointId: 'unknown' }, ''],
      [{ orderingKey: 'task 5' }, '765'],
      [{ orderingKey: 'task 5', state: 'pending' }, '765'],
      [{ orderingKey: 'task 5', endpointId: 'two' }, '7'],
      [{ type: 'OrderCreated' }, '7531'],
      [{ type: 'OrderCreated', state: 'pending' }, '75'],
      [{ acceptedFrom: startOfTime + 5 }, '765'],
      [{ acceptedBefore: startOfTime + 5 }, '4321'],
      [{ acceptedFrom: startOfTime + 3, acceptedBefore: startOfTime + 4 }, '3'],
      [{ state: 'pending', endpointId: 'one', orderingKey: 'task 5', type: 'OrderSigned' }, '6'],
      [{ state: 'exhausted', endpointId: 'one', orderingKey: 'task 2', type: 'OrderSigned' }, '2'],
      [{ state: 'canceled', endpointId: 'two' }, ''],
      [{ ids: ['7', '1', 'unknown', '3'] }, '731'],
      [{ ids: ['7', '1', '3'], state: 'delivered', endpointId: 'one' }, '1'],
      [{ ids: [] }, ''],
      [
        { state: undefined, endpointId: undefined, orderingKey: undefined, acceptedFrom: undefined },
        '7654321',
      ],
    ])('by %j has %s', async (filter, ids) => {
      const ledger = await openFilled()
      for (const limit of [1, 2, 100]) {
        expect((await listAll(ledger, filter, limit)).flat().join('')).toBe(ids)
        const oldestFirst = await listAll(ledger, filter, limit, { oldestFirst: true })
        expect(oldestFirst.flat().toReversed().join('')).toBe(ids)
      }
      expect(await ledger.operate.countDeliveries(filter, 100)).toBe(ids.length)
      expect(await ledger.operate.countDeliveries(filter, 2)).toBe(Math.min(ids.length, 2))
    })

    test('gives pages, each from where the one before ended', async () => {
      const ledger = await openFilled()
      expect(await listAll(ledger, {}, 3)).toEqual([['7', '6', '5'], ['4', '3', '2'], ['1']])
      expect(await listAll(ledger, { endpointId: 'one' }, 3)).toEqual([
        ['6', '5', '4'],
        ['3', '2', '1'],
      ])
      expect(await listAll(ledger, { state: 'pending' }, 2)).toEqual([
        ['7', '6'],
        ['5', '4'],
      ])
    })

    test.each([1, 2, 3, 100])(
      'looks at no more than %s at a time, and finds what matches in the end',
      async (lookAtMost) => {
        const ledger = await openFilled()
        // Gaps in the numbers: the first one is now the last.
        await ledger.operate.resend('2')
        for (const [filter, ids] of [
          [{ type: 'OrderCreated' }, '7531'],
          [{ acceptedFrom: startOfTime + 2, acceptedBefore: startOfTime + 4 }, '23'],
          [{ state: 'pending', type: 'OrderSigned' }, '264'],
          [{ orderingKey: 'task 5' }, '765'],
          [{ endpointId: 'two' }, '7'],
          [{ endpointId: 'unknown' }, ''],
        ] as const) {
          const pages = await listAll(ledger, filter, 2, { lookAtMost })
          expect([filter, pages.flat().join('')]).toEqual([filter, ids])
          for (const page of pages) expect(page.length).toBeLessThanOrEqual(Math.min(2, lookAtMost))
        }
        expect(
          await ledger.operate.listDeliveries({ type: 'OrderCreated' }, { limit: 2, lookAtMost: 1 }),
        ).toMatchObject({
          deliveries: [],
          nextCursor: expect.any(String),
        })
        const { ledger: empty } = await open()
        expect(await empty.operate.listDeliveries({}, { limit: 2, lookAtMost })).toEqual({ deliveries: [] })
      },
    )

    test('gives each delivery once, whatever is accepted between two pages', async () => {
      const ledger = await openFilled()
      const first = await ledger.operate.listDeliveries({}, { limit: 4 })
      await ledger.enqueue([newDelivery('8')])
      const second = await ledger.operate.listDeliveries({}, { limit: 4, cursor: first.nextCursor })
      expect(idsOf([...first.deliveries, ...second.deliveries]).join('')).toBe('7654321')
    })

    test.each(['', 'x', '-1', '1 OR 1=1'])('refuses a cursor that it never gave: "%s"', async (cursor) => {
      const { ledger } = await open()
      await expect(ledger.operate.listDeliveries({}, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'option_invalid',
        message: expect.stringMatching(/^cursor: /),
      })
    })

    test.each<[name: string, filter: object]>([
      ['taskId', { taskId: '1' }],
      ['state', { state: 'failed' }],
      ['type', { type: 1 }],
      ['acceptedFrom', { acceptedFrom: '2026-11-24' }],
      ['acceptedBefore', { acceptedBefore: Number.NaN }],
      ['ids', { ids: '1' }],
    ])('refuses a filter that cannot be meant: %s in %j', async (name, filter) => {
      const { ledger } = await open()
      await expect(ledger.operate.listDeliveries(filter, { limit: 1 })).rejects.toMatchObject({
        code: 'option_invalid',
        message: expect.stringMatching(new RegExp(`^${name}: `)),
      })
    })

    test.each([0, -1, 1.5, Number.NaN, 1_000_000])('refuses a page of %s', async (limit) => {
      const { ledger } = await open()
      await expect(ledger.operate.listDeliveries({}, { limit })).rejects.toMatchObject({
        code: 'option_invalid',
        message: expect.stringMatching(/^limit: /),
      })
    })
  })

  describe('getDelivery', () => {
    test('has nothing about what is not there', async () => {
      const { ledger } = await open()
      expect(await ledger.operate.getDelivery('unknown')).toBeUndefined()
    })
  })
}

/** The ids of every page. */
async function listAll(
  ledger: Ledger,
  filter: DeliveryFilter,
  limit: number,
  more: { oldestFirst?: boolean; lookAtMost?: number } = {},
): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const page = await ledger.operate.listDeliveries(filter, { limit, cursor, ...more })
    pages.push(idsOf(page.deliveries))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return pages
}
