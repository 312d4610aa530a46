import { describe, expect, test } from 'vitest'
import type { Lease } from '../ledger.ts'
import { claim, claimOne, idsOf, look, newDelivery, settle, startOfTime } from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What `renew`, `release` and `recover` promise. */
export function describeLeases<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()

  describe('renew', () => {
    test('makes a lease last', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const claimed = await claimOne(ledger, { leaseEndsAt: startOfTime + 1000 })
      expect(await ledger.renew([toLease(claimed)], startOfTime + 5000, startOfTime)).toEqual([
        toLease(claimed),
      ])
      expect(await claim(ledger, { now: startOfTime + 4999 })).toEqual([])
      expect(idsOf(await claim(ledger, { now: startOfTime + 5000 }))).toEqual(['1'])
    })

    test('leaves out the leases that were lost, and does not touch whose they are now', async () => {
      const ledger = await open()
      await ledger.enqueue(['a', 'b', 'c', 'd'].map((key) => newDelivery(key, { orderingKey: key })))
      const leases = await claim(ledger, { leaseEndsAt: startOfTime + 1000 })
      const [a, b, c, d] = leases.toSorted((x, y) => x.id.localeCompare(y.id))
      await settle(ledger, a!)
      await ledger.release([b!], startOfTime)
      await ledger.renew([d!], startOfTime + 5000, startOfTime)
      const now = startOfTime + 2000
      const taken = await claim(ledger, { now, owner: 'second', leaseEndsAt: startOfTime + 3000 })
      expect(new Set(idsOf(taken))).toEqual(new Set(['b', 'c']))
      expect(await ledger.renew([a!, b!, c!, d!].map(toLease), startOfTime + 9000, startOfTime)).toEqual([
        toLease(d!),
      ])
      expect(new Set(idsOf(await claim(ledger, { now: startOfTime + 3000 })))).toEqual(new Set(['b', 'c']))
    })

    test('makes a lease that has ended last again while nobody else has it', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const claimed = await claimOne(ledger, { leaseEndsAt: startOfTime + 1000 })
      expect(await ledger.renew([toLease(claimed)], startOfTime + 9000, startOfTime)).toHaveLength(1)
      expect(await claim(ledger, { now: startOfTime + 8000 })).toEqual([])
    })
  })

  describe('release', () => {
    test('gives a delivery back as if nothing had happened', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const claimed = await claimOne(ledger)
      await ledger.release([toLease(claimed)], startOfTime + 5)
      expect(await look(ledger, '1')).toMatchObject({
        state: 'pending',
        isInFlight: false,
        attemptCount: 0,
        readyAt: startOfTime + 5,
      })
      const again = await claimOne(ledger, { now: startOfTime + 5 })
      expect(again).toMatchObject({ id: '1', tries: 0 })
      expect(again.token).toBeGreaterThan(claimed.token)
    })

    test('ends the right to settle and to renew', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const claimed = await claimOne(ledger)
      await ledger.release([claimed], startOfTime)
      expect(await settle(ledger, claimed)).toBe(false)
      expect(await ledger.renew([claimed], startOfTime + 9000, startOfTime)).toEqual([])
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 0 })
    })

    test('changes nothing for a former owner', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const former = await claimOne(ledger, { leaseEndsAt: startOfTime + 1000 })
      const later = await claimOne(ledger, { now: startOfTime + 1000, owner: 'second' })
      await ledger.release([former], startOfTime + 1000)
      expect(await look(ledger, '1')).toMatchObject({ isInFlight: true })
      expect(await settle(ledger, later)).toBe(true)
      await ledger.release([later], startOfTime + 1000)
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered' })
    })
  })

  describe('recover', () => {
    test('gives back what is leased by those who are not alive, and nothing else', async () => {
      const ledger = await open()
      await ledger.enqueue(['1', '2', '3', '4', '5'].map((id) => newDelivery(id, { orderingKey: id })))
      const dead = await claim(ledger, { owner: 'dead', limit: 3 })
      const [alive] = await claim(ledger, { owner: 'alive', limit: 1 })
      await settle(ledger, dead[0]!)
      const asked: string[] = []
      const isAlive = (owner: string): boolean => {
        asked.push(owner)
        return owner === 'alive'
      }
      expect(await ledger.recover(isAlive, startOfTime + 5)).toBe(2)
      expect(asked.toSorted()).toEqual(['alive', 'dead'])
      expect(await look(ledger, alive!.id)).toMatchObject({ isInFlight: true })
      expect(await look(ledger, dead[1]!.id)).toMatchObject({ isInFlight: false, readyAt: startOfTime + 5 })
      expect(await settle(ledger, dead[2]!)).toBe(false)
      expect(await ledger.recover(isAlive, startOfTime + 5)).toBe(0)
    })

    test('keeps the order of an ordering key', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      await claimOne(ledger, { owner: 'dead' })
      await ledger.recover(() => false, startOfTime)
      expect(await claimOne(ledger)).toMatchObject({ id: '1', tries: 0 })
    })
  })
}

function toLease({ id, token }: Lease): Lease {
  return { id, token }
}
