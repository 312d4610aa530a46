import { describe, expect, test } from 'vitest'
import type { DeliveryFilter, Ledger } from '../ledger.ts'
import { claim, idsOf, look, newDelivery, settle, startOfTime } from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What `listDeliveries` and `getDelivery` promise. */
export function describeListing<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()

  /** 1 to 6 at `one`: delivered, exhausted, canceled, in flight, pending, pending behind it; and 7 at `two`. */
  async function openFilled() {
    const ledger = await open()
    await ledger.enqueue([
      ...[1, 2, 3, 4, 5, 6].map((number) =>
        newDelivery(`${number}`, {
          orderingKey: number === 6 ? 'task 5' : `task ${number}`,
          type: number % 2 === 0 ? 'OrderSigned' : 'OrderCreated',
          acceptedAt: startOfTime + number,
        }),
      ),
      newDelivery('7', { endpointId: 'two', orderingKey: 'task 5', acceptedAt: startOfTime + 7 }),
    ])
    const [first, second] = await claim(ledger, { limit: 2 })
    await settle(ledger, first!)
    await settle(ledger, second!, { state: 'exhausted' })
    await ledger.cancel('3', startOfTime)
    await claim(ledger, { limit: 1 })
    return ledger
  }

  describe('listDeliveries', () => {
    test('lists all there are, latest first, as they are looked up one by one', async () => {
      const ledger = await openFilled()
      const { deliveries, nextCursor } = await ledger.listDeliveries({}, { limit: 100 })
      expect(idsOf(deliveries)).toEqual(['7', '6', '5', '4', '3', '2', '1'])
      expect(nextCursor).toBeUndefined()
      for (const delivery of deliveries) expect(delivery).toEqual(await look(ledger, delivery.id))
      expect(deliveries.map(({ isInFlight }) => isInFlight).indexOf(true)).toBe(3)
    })

    test.each<[DeliveryFilter, string]>([
      [{ state: 'pending' }, '7654'],
      [{ state: 'delivered' }, '1'],
      [{ state: 'exhausted' }, '2'],
      [{ state: 'canceled' }, '3'],
      [{ endpointId: 'one' }, '654321'],
      [{ endpointId: 'unknown' }, ''],
      [{ orderingKey: 'task 5' }, '765'],
      [{ type: 'OrderCreated' }, '531'],
      [{ acceptedFrom: startOfTime + 5 }, '765'],
      [{ acceptedBefore: startOfTime + 5 }, '4321'],
      [{ acceptedFrom: startOfTime + 3, acceptedBefore: startOfTime + 4 }, '3'],
      [{ state: 'pending', endpointId: 'one', orderingKey: 'task 5', type: 'OrderSigned' }, '6'],
      [{ state: 'exhausted', endpointId: 'one', orderingKey: 'task 2', type: 'OrderSigned' }, '2'],
      [{ state: 'canceled', endpointId: 'two' }, ''],
      [
        { state: undefined, endpointId: undefined, orderingKey: undefined, acceptedFrom: undefined },
        '7654321',
      ],
    ])('by %j has %s', async (filter, ids) => {
      expect((await listAll(await openFilled(), filter)).flat().join('')).toBe(ids)
    })

    test('gives pages, each from where the one before ended', async () => {
      const ledger = await openFilled()
      expect(await listAll(ledger, {}, 3)).toEqual([['7', '6', '5'], ['4', '3', '2'], ['1']])
      expect(await listAll(ledger, { endpointId: 'one' }, 3)).toEqual([
        ['6', '5', '4'],
        ['3', '2', '1'],
      ])
    })

    test('gives each delivery once, whatever is accepted between two pages', async () => {
      const ledger = await openFilled()
      const first = await ledger.listDeliveries({}, { limit: 4 })
      await ledger.enqueue([newDelivery('8')])
      const second = await ledger.listDeliveries({}, { limit: 4, cursor: first.nextCursor })
      expect(idsOf([...first.deliveries, ...second.deliveries]).join('')).toBe('7654321')
    })

    test.each(['', 'x', '-1', '1 OR 1=1'])('refuses a cursor that it never gave: "%s"', async (cursor) => {
      const ledger = await open()
      await expect(ledger.listDeliveries({}, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'option_invalid',
      })
    })
  })

  describe('getDelivery', () => {
    test('has nothing about what is not there', async () => {
      expect(await (await open()).getDelivery('unknown')).toBeUndefined()
    })
  })
}

/** The ids of every page. */
async function listAll(ledger: Ledger, filter: DeliveryFilter = {}, limit = 100): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const page = await ledger.listDeliveries(filter, { limit, cursor })
    pages.push(idsOf(page.deliveries))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return pages
}
