import { describe, expect, test } from 'vitest'
import type { AttemptEnd, AttemptStart, Ledger } from '../../ledger.ts'
import { newDeliveries } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

const note = (ledger: Ledger, by: string, starts: readonly AttemptStart[], ends: AttemptEnd[] = []) =>
  ledger.dispatch.noteStarts(by, starts, ends)

/** What `noteStarts` promises. */
export function describeNotingStarts<T>(createStore: CreateStore<T>): void {
  /** The starts of three deliveries, as they are read. */
  async function open() {
    const { ledger, time } = await openStore(createStore)
    await ledger.enqueue(newDeliveries(['1', '2', '3']))
    const dispatcher = await joinDispatcher(ledger)
    const deliveries = await dispatcher.readReady()
    const starts = deliveries.map(({ number, tries }): AttemptStart => ({ number, tries, isAlone: false }))
    return { ledger, time, dispatcher, deliveries, starts, one: starts[0]! }
  }

  describe('noteStarts', () => {
    test('counts no crash for a delivery that only this dispatcher has begun, however often', async () => {
      const { ledger, starts } = await open()
      expect(await note(ledger, 'first', starts)).toEqual([0, 0, 0])
      expect(await note(ledger, 'first', starts.toReversed())).toEqual([0, 0, 0])
      expect(await note(ledger, 'first', [])).toEqual([])
    })

    test('counts a start of another that was not ended, once, and only of that delivery', async () => {
      const { ledger, starts, one } = await open()
      await note(ledger, 'first', [one])
      expect(await note(ledger, 'next', starts)).toEqual([1, 0, 0])
      // It waits to be alone, and has not begun: the end of this one is of the others.
      expect(await note(ledger, 'third', starts)).toEqual([1, 1, 1])
    })

    test('counts it once when two begin the same at the same time, each in another order', async () => {
      const { ledger, starts } = await open()
      const rounds = Array.from({ length: 20 }, (_, round) => round)
      for (const round of rounds) {
        const begun = starts.map(({ number, isAlone }) => ({ number, tries: round, isAlone }))
        await note(ledger, 'dead', begun)
        const both = [note(ledger, 'a', begun), note(ledger, 'b', begun.toReversed())]
        expect(await Promise.all(both)).toEqual([
          [1, 1, 1],
          [1, 1, 1],
        ])
        expect(await note(ledger, 'c', begun)).toEqual([1, 1, 1])
      }
    })

    test('counts the ends of those who began it alone', async () => {
      const { ledger, one } = await open()
      const alone = { ...one, isAlone: true }
      await note(ledger, 'a', [one])
      for (const [by, count] of [
        ['b', 1],
        ['c', 2],
        ['d', 3],
      ] as const) {
        expect(await note(ledger, by, [one])).toEqual([count])
        expect(await note(ledger, by, [alone])).toEqual([count])
      }
    })

    test('begins to count anew when an attempt was settled', async () => {
      const { ledger, one } = await open()
      await note(ledger, 'a', [one])
      await note(ledger, 'b', [one])
      expect(await note(ledger, 'c', [{ ...one, tries: one.tries + 1 }])).toEqual([0])
      expect(await note(ledger, 'd', [{ ...one, tries: one.tries + 1 }])).toEqual([1])
    })

    test('forgets what was settled, and does not count what was given up', async () => {
      const { ledger, starts } = await open()
      const [one, two] = starts
      await note(ledger, 'a', starts)
      await note(
        ledger,
        'a',
        [],
        [
          { number: one!.number, isSettled: true, dispatcherId: 'a' },
          { number: two!.number, isSettled: false, dispatcherId: 'a' },
        ],
      )
      expect(await note(ledger, 'b', starts)).toEqual([0, 0, 1])
    })

    // One that was taken for dead ended its attempt while another made the same one.
    test.each([true, false])(
      'leaves the start of another, should one end late (settled: %s)',
      async (isSettled) => {
        const { ledger, one } = await open()
        await note(ledger, 'late', [one])
        await note(ledger, 'next', [one])
        await note(ledger, 'next', [{ ...one, isAlone: true }])
        await note(ledger, 'late', [], [{ number: one.number, isSettled, dispatcherId: 'late' }])
        expect(await note(ledger, 'third', [one])).toEqual([2])
      },
    )

    test('counts nothing of one that was held since and is resent', async () => {
      const { ledger, dispatcher, deliveries, one } = await open()
      await note(ledger, 'a', [one])
      expect(await note(ledger, 'b', [one])).toEqual([1])
      await dispatcher.settle(deliveries[0]!, { state: 'held' })
      await ledger.operate.resend(deliveries[0]!.id)
      expect(await note(ledger, 'c', [one])).toEqual([0])
    })

    test('keeps the count of one that was given up after it was counted', async () => {
      const { ledger, one } = await open()
      await note(ledger, 'a', [one])
      await note(ledger, 'b', [one])
      await note(ledger, 'b', [{ ...one, isAlone: true }])
      await note(ledger, 'b', [], [{ number: one.number, isSettled: false, dispatcherId: 'b' }])
      expect(await note(ledger, 'c', [one])).toEqual([1])
    })

    test('keeps nothing of what is pending no more, once that is purged', async () => {
      const { ledger, dispatcher, deliveries, starts, one } = await open()
      await note(ledger, 'a', starts)
      await dispatcher.settle(deliveries[0]!)
      await ledger.dispatch.purge(0, 1)
      expect(await note(ledger, 'b', [one])).toEqual([0])
      expect(await note(ledger, 'b', starts.slice(1))).toEqual([1, 1])
    })
  })
}
