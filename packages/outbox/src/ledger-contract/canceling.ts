import { describe, expect, test } from 'vitest'
import {
  claim,
  claimOne,
  idsOf,
  look,
  lookAtAttempts,
  newDelivery,
  settle,
  startOfTime,
} from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What `cancel` promises. */
export function describeCanceling<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()
  const later = startOfTime + 100

  async function openInFlight() {
    const ledger = await open()
    await ledger.enqueue([newDelivery('1'), newDelivery('2')])
    const claimed = await claimOne(ledger)
    expect(await ledger.cancel('1', startOfTime)).toBe(true)
    expect(await look(ledger, '1')).toMatchObject({
      state: 'pending',
      isInFlight: true,
      isCancelRequested: true,
    })
    expect(await claim(ledger)).toEqual([])
    return { ledger, claimed }
  }

  const canceled = { state: 'canceled', settledAt: later, isCancelRequested: false, isInFlight: false }

  describe('cancel', () => {
    test('ends the first one of an ordering key, and lets the next one through', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      expect(await ledger.cancel('1', later)).toBe(true)
      const record = await look(ledger, '1')
      expect(record).toMatchObject({ ...canceled, attemptCount: 0 })
      expect(record).not.toHaveProperty('readyAt')
      expect(idsOf(await claim(ledger))).toEqual(['2'])
    })

    test('ends one that waits behind another, which keeps its turn', async () => {
      const ledger = await open()
      await ledger.enqueue(['1', '2', '3'].map((id) => newDelivery(id)))
      const first = await claimOne(ledger)
      expect(await ledger.cancel('2', later)).toBe(true)
      expect(await look(ledger, '2')).toMatchObject(canceled)
      expect(await claim(ledger)).toEqual([])
      await settle(ledger, first)
      expect(idsOf(await claim(ledger))).toEqual(['3'])
    })

    test('ends one that waits for its next attempt', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      await settle(ledger, await claimOne(ledger), { state: 'pending', readyAt: later + 1000 })
      expect(await ledger.cancel('1', later)).toBe(true)
      expect(idsOf(await claim(ledger, { now: later }))).toEqual(['2'])
    })

    test.each(['pending', 'exhausted'] as const)(
      'ends one in flight when its attempt has failed and it would be %s',
      async (state) => {
        const { ledger, claimed } = await openInFlight()
        const attempt = {
          startedAt: startOfTime,
          durationInMs: 1,
          outcome: 'retry',
          nextAttemptAt: later + 1000,
        } as const
        expect(await settle(ledger, claimed, { state, attempt, now: later })).toBe(true)
        const record = await look(ledger, '1')
        expect(record).toMatchObject({ ...canceled, attemptCount: 1 })
        expect(record).not.toHaveProperty('readyAt')
        const { nextAttemptAt: _, ...kept } = attempt
        expect(await lookAtAttempts(ledger, '1')).toEqual([{ number: 1, ...kept }])
        expect(idsOf(await claim(ledger))).toEqual(['2'])
      },
    )

    test('comes too late for one whose attempt succeeds', async () => {
      const { ledger, claimed } = await openInFlight()
      expect(await settle(ledger, claimed, { now: later })).toBe(true)
      expect(await look(ledger, '1')).toMatchObject({ ...canceled, state: 'delivered' })
      expect(idsOf(await claim(ledger))).toEqual(['2'])
    })

    test('ends one that is given back', async () => {
      const { ledger, claimed } = await openInFlight()
      await ledger.release([claimed], later)
      expect(await look(ledger, '1')).toMatchObject({ ...canceled, attemptCount: 0 })
      expect(idsOf(await claim(ledger))).toEqual(['2'])
    })

    test('ends one whose owner is found dead', async () => {
      const { ledger } = await openInFlight()
      await ledger.recover(() => false, later)
      expect(await look(ledger, '1')).toMatchObject(canceled)
      expect(idsOf(await claim(ledger))).toEqual(['2'])
    })

    test('ends one whose lease ends, instead of another attempt', async () => {
      const { ledger, claimed } = await openInFlight()
      const now = startOfTime + 60_000
      expect(await claim(ledger, { now })).toEqual([])
      expect(await look(ledger, '1')).toMatchObject({ ...canceled, settledAt: now, attemptCount: 0 })
      expect(await settle(ledger, claimed)).toBe(false)
      expect(idsOf(await claim(ledger, { now }))).toEqual(['2'])
    })

    test('changes nothing about what is not pending, or not there', async () => {
      const ledger = await open()
      await ledger.enqueue(['1', '2', '3'].map((id) => newDelivery(id, { orderingKey: id })))
      const [first, second] = await claim(ledger)
      await settle(ledger, first!)
      await settle(ledger, second!, { state: 'exhausted' })
      await ledger.release([(await claim(ledger, { now: startOfTime + 60_000 }))[0]!], startOfTime)
      expect(await ledger.cancel('3', startOfTime)).toBe(true)
      const before = await ledger.listDeliveries({}, { limit: 10 })
      for (const id of ['1', '2', '3', 'unknown']) expect(await ledger.cancel(id, later)).toBe(false)
      expect(await ledger.listDeliveries({}, { limit: 10 })).toEqual(before)
    })
  })
}
