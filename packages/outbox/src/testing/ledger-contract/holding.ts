import { describe, expect, test } from 'vitest'
import { idsOf, look, lookAtAttempts, lookAtEndpoint } from '../look.ts'
import { newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

const year = 365 * 24 * 60 * 60 * 1000

/** What a settlement as `held` promises. */
export function describeHolding<T>(createStore: CreateStore<T>): void {
  /** 1 of task a is held after its second attempt, at 5; 2 is behind it; 3 is of another task. */
  async function openHeld() {
    const { store, ledger, time } = await openStore(createStore)
    await ledger.enqueue([newDelivery('1'), newDelivery('2'), newDelivery('3', { orderingKey: 'b' })])
    const dispatcher = await joinDispatcher(ledger)
    const [first] = await dispatcher.readReady()
    await dispatcher.settle(first!, { state: 'pending', retryInMs: 0 })
    time.pass(5)
    const [again] = await dispatcher.readReady()
    expect(await dispatcher.settle(again!, { state: 'held' })).toBe('held')
    return { store, ledger, time, dispatcher, again: again! }
  }

  describe('a delivery that is held', () => {
    test('keeps those behind it from being read as ready or due, however long, and no others', async () => {
      const { ledger, time, dispatcher } = await openHeld()
      expect(idsOf(await dispatcher.readReady())).toEqual(['3'])
      time.pass(30 * year)
      expect(idsOf(await dispatcher.readReady())).toEqual(['3'])
      const due = await dispatcher.readDue()
      expect(due).toMatchObject({ deliveries: [], isEnd: true })
      await ledger.enqueue([newDelivery('4')])
      const line = { endpointId: 'one', orderingKey: 'a', after: 0, limit: 10 }
      const [read] = await ledger.dispatch.readLines([line])
      expect(read!.map(({ id, isHead }) => [id, isHead])).toEqual([
        ['1', true],
        ['2', false],
        ['4', false],
      ])
    })

    test('is looked up as held, since when, and those behind it as behind it', async () => {
      const { ledger } = await openHeld()
      const held = await look(ledger, '1')
      expect(held).toMatchObject({
        state: 'held',
        settledAt: startOfTime + 5,
        attemptCount: 2,
        isHead: true,
        isBehindHeld: false,
      })
      expect(held).not.toHaveProperty('readyAt')
      expect((await lookAtAttempts(ledger, '1'))[1]).not.toHaveProperty('nextAttemptAt')
      expect(await look(ledger, '2')).toMatchObject({ state: 'pending', isHead: false, isBehindHeld: true })
      expect(await look(ledger, '3')).toMatchObject({ state: 'pending', isHead: true, isBehindHeld: false })
    })

    test('is found by its state, and not among those that are pending', async () => {
      const { ledger } = await openHeld()
      const list = async (filter: object) =>
        idsOf((await ledger.operate.listDeliveries(filter, { limit: 10 })).deliveries)
      expect(await list({ state: 'held' })).toEqual(['1'])
      expect(await list({ state: 'held', endpointId: 'one' })).toEqual(['1'])
      expect(await list({ state: 'held', orderingKey: 'a' })).toEqual(['1'])
      expect(await list({ state: 'held', endpointId: 'two' })).toEqual([])
      expect(await list({ state: 'pending' })).toEqual(['3', '2'])
      expect(await list({ state: 'exhausted' })).toEqual([])
      expect(await list({})).toEqual(['3', '2', '1'])
    })

    test('is counted by itself, and its age is not that of what is pending', async () => {
      const { ledger, time } = await openHeld()
      await ledger.operate.cancel('3')
      time.pass(10)
      await ledger.enqueue([newDelivery('4', { orderingKey: 'b' })])
      time.pass(2)
      await ledger.operate.cancel('2')
      expect(await lookAtEndpoint(ledger)).toMatchObject({ held: 1, pending: 1, oldestPendingAgeInMs: 2 })
    })

    test('is attempted again where it is, its schedule from the start, when it is resent', async () => {
      const { ledger, dispatcher } = await openHeld()
      const { revision } = await ledger.dispatch.beat('first')
      expect(await ledger.operate.resend('1')).toBe(true)
      expect((await ledger.dispatch.beat('first')).revision).toBeGreaterThan(revision)
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['1'])
      const [first] = await dispatcher.readReady()
      expect(first).toMatchObject({ id: '1', tries: 0 })
      expect(await look(ledger, '2')).toMatchObject({ isBehindHeld: false })
      await dispatcher.settle(first!)
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered', attemptCount: 3 })
      expect(idsOf(await dispatcher.readReady())).toEqual(['2', '3'])
    })

    test('lets those behind it through when it is canceled', async () => {
      const { ledger, dispatcher } = await openHeld()
      expect(await ledger.operate.cancel('1')).toBe(true)
      expect(await look(ledger, '1')).toMatchObject({ state: 'canceled', attemptCount: 2 })
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['2'])
    })

    test('stays held when the clock is set back', async () => {
      const { ledger, time, dispatcher } = await openHeld()
      time.pass(-3)
      await ledger.dispatch.shortenWaits(10)
      expect(await look(ledger, '1')).toMatchObject({ state: 'held', settledAt: startOfTime + 2 })
      time.pass(year)
      expect(idsOf(await dispatcher.readReady())).toEqual(['3'])
    })

    test('is canceled already when that was decided while its attempt was under way', async () => {
      const { ledger, dispatcher } = await openHeld()
      const third = (await dispatcher.readReady()).find(({ id }) => id === '3')
      await ledger.operate.cancel('3')
      expect(await dispatcher.settle(third!, { state: 'held' })).toBe('canceled')
      expect(await look(ledger, '3')).toMatchObject({ state: 'canceled', attemptCount: 1 })
    })

    test('is not held twice by a settlement whose answer was lost', async () => {
      const { ledger, dispatcher, again } = await openHeld()
      expect(await dispatcher.settle(again, { state: 'held' })).toBe('lost')
      expect(await look(ledger, '1')).toMatchObject({ state: 'held', attemptCount: 2 })
    })
  })
}
