import { describe, expect, test } from 'vitest'
import { claim, claimOne, idsOf, newDelivery, settle, startOfTime } from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What `claim` and `nextReadyAt` promise. */
export function describeClaiming<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()

  describe('claim', () => {
    test('gives everything that an attempt needs', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1', { idempotencyKey: 'key' })])
      const [claimed] = await claim(ledger)
      expect(claimed).toEqual({
        id: '1',
        token: expect.any(Number),
        endpointId: 'one',
        orderingKey: 'a',
        type: 'OrderSigned',
        payload: '{"delivery":"1"}',
        acceptedAt: startOfTime,
        tries: 0,
      })
    })

    test('takes nothing before its time', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1', { readyAt: startOfTime + 10 })])
      expect(await claim(ledger, { now: startOfTime + 9 })).toEqual([])
      expect(idsOf(await claim(ledger, { now: startOfTime + 10 }))).toEqual(['1'])
    })

    test('takes nothing of another endpoint', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1', { endpointId: 'two' })])
      expect(await claim(ledger)).toEqual([])
      expect(idsOf(await claim(ledger, { endpointId: 'two' }))).toEqual(['1'])
    })

    test('takes of one ordering key one at a time, in the order accepted', async () => {
      const ledger = await open()
      await ledger.enqueue(['1', '2', '3'].map((id) => newDelivery(id)))
      for (const id of ['1', '2', '3']) {
        const claimed = await claimOne(ledger)
        expect(claimed.id).toBe(id)
        expect(await claim(ledger)).toEqual([])
        await settle(ledger, claimed)
      }
      expect(await claim(ledger)).toEqual([])
    })

    test('takes the same ordering key at another endpoint independently', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { endpointId: 'two' })])
      expect(idsOf(await claim(ledger))).toEqual(['1'])
      expect(idsOf(await claim(ledger, { endpointId: 'two' }))).toEqual(['2'])
    })

    test('takes the longest due first when there are more than it is asked for', async () => {
      const ledger = await open()
      await ledger.enqueue(
        [30, 10, 40, 20].map((due) =>
          newDelivery(`${due}`, { orderingKey: `${due}`, readyAt: startOfTime + due }),
        ),
      )
      const now = startOfTime + 100
      expect(new Set(idsOf(await claim(ledger, { now, limit: 2 })))).toEqual(new Set(['10', '20']))
      expect(new Set(idsOf(await claim(ledger, { now, limit: 2 })))).toEqual(new Set(['30', '40']))
    })

    test('takes nothing again while its lease lasts, whoever asks', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const leaseEndsAt = startOfTime + 1000
      await claimOne(ledger, { leaseEndsAt })
      const now = leaseEndsAt - 1
      expect(await claim(ledger, { now })).toEqual([])
      expect(await claim(ledger, { now, owner: 'second' })).toEqual([])
    })

    test('takes it again when the lease has ended, under a higher token', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const former = await claimOne(ledger, { leaseEndsAt: startOfTime + 1000 })
      const later = await claimOne(ledger, { now: startOfTime + 1000, owner: 'second' })
      expect(later.id).toBe('1')
      expect(later.token).toBeGreaterThan(former.token)
    })

    test('gives each delivery to one of those who ask at the same time', async () => {
      const store = await createStore()
      const ledgers = [await store.open(), await store.open(), await store.open()]
      const deliveries = Array.from({ length: 60 }, (_, index) =>
        newDelivery(`${index}`, { orderingKey: `${index % 30}` }),
      )
      await ledgers[0]!.enqueue(deliveries)
      const claims = await Promise.all(
        ledgers.flatMap((ledger, owner) =>
          [1, 2, 3].map(() => claim(ledger, { owner: `${owner}`, limit: 5 })),
        ),
      )
      // The first of each ordering key, and no other.
      expect(idsOf(claims.flat()).toSorted()).toEqual(idsOf(deliveries.slice(0, 30)).toSorted())
    })

    test('counts the attempts since the delivery was accepted or resent', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      for (const tries of [0, 1, 2]) {
        const claimed = await claimOne(ledger, { now: startOfTime + tries })
        expect(claimed.tries).toBe(tries)
        await settle(ledger, claimed, { state: 'pending', readyAt: startOfTime + tries + 1 })
      }
      const last = await claimOne(ledger, { now: startOfTime + 3 })
      await settle(ledger, last, { state: 'exhausted' })
      await ledger.resend('1', startOfTime)
      expect(await claimOne(ledger)).toMatchObject({ tries: 0 })
    })
  })

  describe('nextReadyAt', () => {
    test('is the earliest time that a delivery of the endpoint falls due', async () => {
      const ledger = await open()
      await ledger.enqueue([
        newDelivery('1', { readyAt: startOfTime + 500, orderingKey: 'a' }),
        newDelivery('2', { readyAt: startOfTime + 300, orderingKey: 'b' }),
        newDelivery('3', { readyAt: startOfTime + 100, orderingKey: 'a' }),
        newDelivery('4', { readyAt: startOfTime + 200, endpointId: 'two' }),
      ])
      expect(await ledger.nextReadyAt('one', startOfTime)).toBe(startOfTime + 300)
      expect(await ledger.nextReadyAt('two', startOfTime)).toBe(startOfTime + 200)
    })

    test('is the end of a lease when everything is leased', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      await claimOne(ledger, { leaseEndsAt: startOfTime + 700 })
      expect(await ledger.nextReadyAt('one', startOfTime)).toBe(startOfTime + 700)
    })

    test('is undefined when nothing is pending', async () => {
      const ledger = await open()
      expect(await ledger.nextReadyAt('one', startOfTime)).toBeUndefined()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { orderingKey: 'b' })])
      for (const claimed of await claim(ledger)) {
        await settle(ledger, claimed, { state: claimed.id === '1' ? 'delivered' : 'exhausted' })
      }
      expect(await ledger.nextReadyAt('one', startOfTime)).toBeUndefined()
    })
  })
}
