import { describe, expect, test } from 'vitest'
import type { AttemptEnd, AttemptStart, Ledger } from '../../ledger.ts'
import { newDeliveries } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `noteStarts` promises. */
export function describeNotingStarts<T>(createStore: CreateStore<T>): void {
  /** Three deliveries, and dispatchers that own them one after the other. */
  async function open() {
    const { ledger, time } = await openStore(createStore)
    await ledger.enqueue(newDeliveries(['1', '2', '3']))
    const next = (id: string) => takeOver(ledger, id)
    return { ledger, time, next }
  }

  describe('noteStarts', () => {
    test('counts no crash for a delivery that only this dispatcher has begun, however often', async () => {
      const { next } = await open()
      const { note, starts } = await next('first')
      expect(await note(starts)).toEqual([0, 0, 0])
      expect(await note(starts.toReversed())).toEqual([0, 0, 0])
      expect(await note([])).toEqual([])
    })

    test('counts a start of another that was not ended, once, and only of that delivery', async () => {
      const { next } = await open()
      const first = await next('first')
      await first.note([first.one])
      const second = await next('second')
      expect(await second.note(second.starts)).toEqual([1, 0, 0])
      // It waits to be alone, and has not begun: the end of this one is of the others.
      const third = await next('third')
      expect(await third.note(third.starts)).toEqual([1, 1, 1])
    })

    test('counts the ends of those who began it alone', async () => {
      const { next } = await open()
      const a = await next('a')
      await a.note([a.one])
      for (const [by, count] of [
        ['b', 1],
        ['c', 2],
        ['d', 3],
      ] as const) {
        const { note, one } = await next(by)
        expect(await note([one])).toEqual([count])
        expect(await note([{ ...one, isAlone: true }])).toEqual([count])
      }
    })

    test('begins to count anew when an attempt was settled', async () => {
      const { next } = await open()
      for (const by of ['a', 'b']) {
        const { note, one } = await next(by)
        await note([one])
      }
      const c = await next('c')
      expect(await c.note([{ ...c.one, tries: c.one.tries + 1 }])).toEqual([0])
      const d = await next('d')
      expect(await d.note([{ ...d.one, tries: d.one.tries + 1 }])).toEqual([1])
    })

    test('forgets what was settled, and does not count what was given up', async () => {
      const { next } = await open()
      const a = await next('a')
      const [one, two] = a.starts
      await a.note(a.starts)
      await a.note(
        [],
        [
          { number: one!.number, isSettled: true, dispatcherId: 'a' },
          { number: two!.number, isSettled: false, dispatcherId: 'a' },
        ],
      )
      const b = await next('b')
      expect(await b.note(b.starts)).toEqual([0, 0, 1])
    })

    // It had other tries, so the count of those who died since began anew.
    test('notes nothing late of one whose place another has taken, and says so', async () => {
      const { next } = await open()
      const late = await next('late')
      for (const by of ['a', 'b']) {
        const { note, one } = await next(by)
        await note([{ ...one, tries: one.tries + 1, isAlone: true }])
      }
      expect(await late.note(late.starts)).toEqual(['lost', 'lost', 'lost'])
      const c = await next('c')
      expect(await c.note([{ ...c.one, tries: c.one.tries + 1 }, ...c.starts.slice(1)])).toEqual([2, 0, 0])
    })

    // The attempt that the next one makes counted as a crash, and its own end no more.
    test('does not count the attempt of the next one because of a start that comes late', async () => {
      const { next } = await open()
      const late = await next('late')
      const living = await next('living')
      expect(await living.note([living.one])).toEqual([0])
      expect(await late.note([late.one])).toEqual(['lost'])
      await living.note([], [{ number: living.one.number, isSettled: false, dispatcherId: 'living' }])
      const last = await next('last')
      expect(await last.note([last.one])).toEqual([0])
    })

    test('notes nothing under an earlier epoch, or of an endpoint that nothing was ever for', async () => {
      const { next } = await open()
      const { note, starts } = await next('first')
      const [one, two, three] = starts
      const given = [{ ...one!, epoch: one!.epoch - 1 }, { ...two!, endpointId: 'unknown' }, three!]
      expect(await note(given)).toEqual(['lost', 'lost', 0])
    })

    // One that was taken for dead ended its attempt while another made the same one.
    test.each([true, false])(
      'leaves the start of another, should one end late (settled: %s)',
      async (isSettled) => {
        const { next } = await open()
        const late = await next('late')
        await late.note([late.one])
        const { note, one } = await next('next')
        await note([one])
        await note([{ ...one, isAlone: true }])
        await late.note([], [{ number: one.number, isSettled, dispatcherId: 'late' }])
        const third = await next('third')
        expect(await third.note([third.one])).toEqual([2])
      },
    )

    test('counts nothing of one that was held since and is resent', async () => {
      const { ledger, next } = await open()
      const a = await next('a')
      await a.note([a.one])
      const { dispatcher, note, one } = await next('b')
      expect(await note([one])).toEqual([1])
      const [delivery] = await dispatcher.readReady()
      await dispatcher.settle(delivery!, { state: 'held' })
      await ledger.operate.resend(delivery!.id)
      const c = await next('c')
      expect(await c.note([c.one])).toEqual([0])
    })

    test('keeps the count of one that was given up after it was counted', async () => {
      const { next } = await open()
      const a = await next('a')
      await a.note([a.one])
      const { note, one } = await next('b')
      await note([one])
      await note([{ ...one, isAlone: true }])
      await note([], [{ number: one.number, isSettled: false, dispatcherId: 'b' }])
      const c = await next('c')
      expect(await c.note([c.one])).toEqual([1])
    })

    test('keeps nothing of what is pending no more, once that is purged', async () => {
      const { ledger, next } = await open()
      const a = await next('a')
      await a.note(a.starts)
      const [delivery] = await a.dispatcher.readReady()
      await a.dispatcher.settle(delivery!)
      await ledger.dispatch.purge(0, 1)
      const b = await next('b')
      const gone = { ...b.one, number: a.one.number, tries: a.one.tries }
      expect(await b.note([gone, ...b.starts])).toEqual([0, 1, 1])
    })
  })
}

/** Has the next dispatcher take the place of all who are there; with the starts of what it reads. */
async function takeOver(ledger: Ledger, id: string) {
  await ledger.dispatch.bury(await ledger.dispatch.listDispatchers())
  const dispatcher = await joinDispatcher(ledger, { id })
  const deliveries = await dispatcher.readReady()
  const starts = deliveries.map((delivery): AttemptStart => {
    const { endpointId, partition, epoch, number, tries } = dispatcher.toSettlement(delivery)
    return { endpointId, partition, epoch, number, tries, isAlone: false }
  })
  const note = (begun: readonly AttemptStart[], ended: readonly AttemptEnd[] = []) =>
    ledger.dispatch.noteStarts(id, begun, ended)
  return { dispatcher, starts, one: starts[0]!, note }
}
