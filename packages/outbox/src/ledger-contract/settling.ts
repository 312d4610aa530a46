import { describe, expect, test } from 'vitest'
import type { AttemptRecord } from '../delivery.ts'
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

/** What `settle` promises. */
export function describeSettling<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()

  describe('settle', () => {
    test.each(['delivered', 'exhausted'] as const)(
      'ends a delivery as %s, and lets the next one of its ordering key through at its own time',
      async (state) => {
        const ledger = await open()
        await ledger.enqueue([newDelivery('1'), newDelivery('2', { readyAt: startOfTime + 10 })])
        expect(await settle(ledger, await claimOne(ledger), { state, now: startOfTime + 5 })).toBe(true)
        const ended = await look(ledger, '1')
        expect(ended).toMatchObject({ state, settledAt: startOfTime + 5, attemptCount: 1, isInFlight: false })
        expect(ended).not.toHaveProperty('readyAt')
        expect(await look(ledger, '2')).toHaveProperty('readyAt', startOfTime + 10)
        expect(await claim(ledger, { now: startOfTime + 9 })).toEqual([])
        expect(idsOf(await claim(ledger, { now: startOfTime + 10 }))).toEqual(['2'])
      },
    )

    test('holds back its ordering key, and only that, while a delivery waits for its next attempt', async () => {
      const ledger = await open()
      const other = { orderingKey: 'b' }
      await ledger.enqueue([
        newDelivery('1'),
        newDelivery('2'),
        newDelivery('3', other),
        newDelivery('4', other),
      ])
      const readyAt = startOfTime + 5000
      for (const claimed of await claim(ledger)) {
        await settle(ledger, claimed, claimed.id === '1' ? { state: 'pending', readyAt } : {})
      }
      const waiting = await look(ledger, '1')
      expect(waiting).toMatchObject({ state: 'pending', readyAt, attemptCount: 1, isInFlight: false })
      expect(waiting).not.toHaveProperty('settledAt')
      expect(idsOf(await claim(ledger, { now: readyAt - 1, leaseEndsAt: readyAt + 1000 }))).toEqual(['4'])
      expect(idsOf(await claim(ledger, { now: readyAt }))).toEqual(['1'])
    })

    test('keeps everything about each attempt, in order', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const whole: Omit<AttemptRecord, 'number'> = {
        startedAt: startOfTime + 1,
        durationInMs: 12.5,
        outcome: 'retry',
        status: 503,
        errorCode: 'status_unsuccessful',
        errorMessage: 'the endpoint answered 503 – “später”',
        response: { headers: { 'retry-after': '120' }, excerpt: 'später 🙂', truncated: true },
        nextAttemptAt: startOfTime + 2000,
      }
      const bare: Omit<AttemptRecord, 'number'> = {
        startedAt: startOfTime + 2000,
        durationInMs: 0,
        outcome: 'delivered',
      }
      await settle(ledger, await claimOne(ledger), {
        attempt: whole,
        state: 'pending',
        readyAt: startOfTime + 2000,
      })
      await settle(ledger, await claimOne(ledger, { now: startOfTime + 2000 }), { attempt: bare })
      expect(await lookAtAttempts(ledger, '1')).toEqual([
        { number: 1, ...whole },
        { number: 2, ...bare },
      ])
      expect(await look(ledger, '1')).toMatchObject({ attemptCount: 2 })
    })

    test('changes nothing for a former owner, once somebody else has the lease', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const former = await claimOne(ledger, { leaseEndsAt: startOfTime + 1000 })
      const later = await claimOne(ledger, { now: startOfTime + 1000, owner: 'second' })
      const before = await ledger.getDelivery('1')
      for (const state of ['delivered', 'pending', 'exhausted'] as const) {
        expect(await settle(ledger, former, { state })).toBe(false)
      }
      expect(await ledger.getDelivery('1')).toEqual(before)
      expect(await ledger.listEndpoints(['one'])).not.toContainEqual(
        expect.objectContaining({ lastSuccessAt: expect.anything() }),
      )
      expect(await settle(ledger, later)).toBe(true)
      expect(await settle(ledger, former, { state: 'pending' })).toBe(false)
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
    })

    test('holds when the lease has ended and nobody else has it', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const late = await claimOne(ledger, { leaseEndsAt: startOfTime + 1000 })
      expect(await settle(ledger, late, { now: startOfTime + 9000 })).toBe(true)
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered' })
    })

    test('holds once', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1')])
      const claimed = await claimOne(ledger)
      expect(await settle(ledger, claimed, { state: 'pending' })).toBe(true)
      expect(await settle(ledger, claimed, { state: 'delivered' })).toBe(false)
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 1 })
    })

    test('changes nothing about a delivery that is not there', async () => {
      const ledger = await open()
      expect(await settle(ledger, { id: 'unknown', token: 1 })).toBe(false)
    })
  })
}
