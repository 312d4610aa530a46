import { describe, expect, test } from 'vitest'
import type { SettledAttempt } from '../../ledger.ts'
import { idsOf, look, lookAtAttempts } from '../look.ts'
import { newDeliveries, newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `cancel` promises. */
export function describeCanceling<T>(createStore: CreateStore<T>): void {
  async function open() {
    const { ledger, time } = await openStore(createStore)
    return { ledger, time, dispatcher: await joinDispatcher(ledger) }
  }

  /** `1` was read to be attempted, and canceled then; `2` waits behind it. */
  async function openInFlight() {
    const opened = await open()
    const { ledger, time, dispatcher } = opened
    await ledger.enqueue([newDelivery('1'), newDelivery('2')])
    const delivery = await dispatcher.readOne()
    time.pass(5)
    expect(await ledger.operate.cancel('1')).toBe(true)
    time.pass(5)
    return { ...opened, delivery }
  }

  describe('cancel', () => {
    test('ends the first one of an ordering key, and the next one is due at once', async () => {
      const { ledger, time, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      time.pass(100)
      expect(await ledger.operate.cancel('1')).toBe(true)
      const record = await look(ledger, '1')
      expect(record).toMatchObject({
        state: 'canceled',
        settledAt: startOfTime + 100,
        attemptCount: 0,
        isHead: false,
      })
      expect(record).not.toHaveProperty('readyAt')
      expect(idsOf(await dispatcher.readReady())).toEqual(['2'])
      // Those who have read past it find it as one whose wait is over.
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['2'])
    })

    test('lets the next one wait for as long as it was told itself', async () => {
      const { ledger, time, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { delayInMs: 1000 })])
      await ledger.operate.cancel('1')
      expect(await dispatcher.readDue()).toMatchObject({ deliveries: [], nextInMs: 1000 })
      time.pass(1000)
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['2'])
    })

    test('ends one that waits behind another, which keeps its turn', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue(['1', '2', '3'].map((id) => newDelivery(id)))
      const first = await dispatcher.readOne()
      expect(await ledger.operate.cancel('2')).toBe(true)
      expect(await look(ledger, '2')).toMatchObject({ state: 'canceled' })
      expect((await dispatcher.readDue()).deliveries).toEqual([])
      expect(idsOf(await dispatcher.readReady())).toEqual(['1'])
      await dispatcher.settle(first)
      expect(idsOf(await dispatcher.readReady())).toEqual(['3'])
    })

    test('ends one that waits for its next attempt', async () => {
      const { ledger, time, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      await dispatcher.settle(await dispatcher.readOne(), { state: 'pending', retryInMs: 1000 })
      expect(await ledger.operate.cancel('1')).toBe(true)
      expect(await look(ledger, '1')).toMatchObject({ state: 'canceled', attemptCount: 1 })
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['2'])
      time.pass(1000)
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['2'])
    })

    test('ends one of one endpoint, and nothing of the same ordering key at another', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([
        newDelivery('1'),
        newDelivery('2', { endpointId: 'two' }),
        newDelivery('3', { endpointId: 'two' }),
      ])
      await ledger.operate.cancel('1')
      expect((await dispatcher.readDue({ endpointId: 'two' })).deliveries).toEqual([])
      expect(idsOf(await dispatcher.readReady('two'))).toEqual(['2'])
    })

    test.each(['pending', 'exhausted'] as const)(
      'holds for one whose attempt is under way, and then fails so that it would be %s',
      async (state) => {
        const { ledger, dispatcher, delivery } = await openInFlight()
        const attempt: SettledAttempt = { startedAgoInMs: 10, durationInMs: 1, outcome: 'retry', status: 500 }
        expect(await dispatcher.settle(delivery, { state, attempt, retryInMs: 1000 })).toBe('canceled')
        const record = await look(ledger, '1')
        expect(record).toMatchObject({
          state: 'canceled',
          settledAt: startOfTime + 5,
          attemptCount: 1,
          lastAttempt: { status: 500 },
        })
        expect(record).not.toHaveProperty('readyAt')
        expect(await lookAtAttempts(ledger, '1')).toEqual([
          { number: 1, startedAt: startOfTime, durationInMs: 1, outcome: 'retry', status: 500 },
        ])
        expect(idsOf(await dispatcher.readReady())).toEqual(['2'])
      },
    )

    test('holds for one whose second attempt fails', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1')])
      await dispatcher.settle(await dispatcher.readOne(), { state: 'pending', retryInMs: 0 })
      const again = await dispatcher.readOne()
      await ledger.operate.cancel('1')
      expect(await dispatcher.settle(again, { state: 'pending' })).toBe('canceled')
      const attempts = await lookAtAttempts(ledger, '1')
      expect(attempts).toMatchObject([{ number: 1 }, { number: 2 }])
      expect(attempts[1]).not.toHaveProperty('nextAttemptAt')
    })

    test('comes too late for one whose attempt succeeds', async () => {
      const { ledger, dispatcher, delivery } = await openInFlight()
      expect(await dispatcher.settle(delivery)).toBe('delivered')
      expect(await look(ledger, '1')).toMatchObject({
        state: 'delivered',
        settledAt: startOfTime + 10,
        attemptCount: 1,
      })
      expect(await dispatcher.settle(delivery)).toBe('lost')
    })

    test('raises the revision, of its endpoint too', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { endpointId: 'two' })])
      const { revision } = await ledger.dispatch.beat('first')
      await ledger.operate.cancel('1')
      const after = await ledger.dispatch.beat('first')
      expect(after.revision).toBeGreaterThan(revision)
      expect(await ledger.dispatch.readEndpoints(revision)).toEqual([{ id: 'one', revision: after.revision }])
    })

    test('changes nothing about what is not pending, or not there', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue(newDeliveries(['1', '2', '3']))
      const [first, second] = await dispatcher.readReady()
      await dispatcher.settle(first!)
      await dispatcher.settle(second!, { state: 'exhausted' })
      expect(await ledger.operate.cancel('3')).toBe(true)
      const before = await ledger.operate.listDeliveries({}, { limit: 10 })
      const { revision } = await ledger.dispatch.beat('first')
      for (const id of ['1', '2', '3', 'unknown']) expect(await ledger.operate.cancel(id)).toBe(false)
      expect(await ledger.operate.listDeliveries({}, { limit: 10 })).toEqual(before)
      expect((await ledger.dispatch.beat('first')).revision).toBe(revision)
    })
  })
}
