import { describe, expect, test } from 'vitest'
import type { SettledAttempt } from '../../ledger.ts'
import { idsOf, look, lookAtAttempts, lookAtEndpoint } from '../look.ts'
import { newDeliveries, newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `settle` promises. */
export function describeSettling<T>(createStore: CreateStore<T>): void {
  async function open() {
    const { store, ledger, time } = await openStore(createStore)
    return { store, ledger, time, dispatcher: await joinDispatcher(ledger) }
  }

  describe('settle', () => {
    test.each(['delivered', 'exhausted'] as const)(
      'ends a delivery as %s, and the next one of its ordering key is the head',
      async (state) => {
        const { ledger, time, dispatcher } = await open()
        await ledger.enqueue([newDelivery('1'), newDelivery('2', { delayInMs: 10 })])
        const delivery = await dispatcher.readOne()
        time.pass(5)
        expect(await dispatcher.settle(delivery, { state })).toBe(state)
        const ended = await look(ledger, '1')
        expect(ended).toMatchObject({ state, settledAt: startOfTime + 5, attemptCount: 1, isHead: false })
        expect(ended).not.toHaveProperty('readyAt')
        expect(await look(ledger, '2')).toMatchObject({ isHead: true, readyAt: startOfTime + 10 })
        expect(await dispatcher.readReady()).toEqual([])
        time.pass(5)
        expect(idsOf(await dispatcher.readReady())).toEqual(['2'])
      },
    )

    test('holds back its ordering key, and only that, while a delivery waits for its next attempt', async () => {
      const { ledger, time, dispatcher } = await open()
      const other = { orderingKey: 'b' }
      await ledger.enqueue([
        newDelivery('1'),
        newDelivery('2'),
        newDelivery('3', other),
        newDelivery('4', other),
      ])
      for (const delivery of await dispatcher.readReady()) {
        const waits = { state: 'pending', retryInMs: 5000 } as const
        expect(await dispatcher.settle(delivery, delivery.id === '1' ? waits : {})).toBe(
          delivery.id === '1' ? 'pending' : 'delivered',
        )
      }
      const waiting = await look(ledger, '1')
      expect(waiting).toMatchObject({ state: 'pending', readyAt: startOfTime + 5000, attemptCount: 1 })
      expect(waiting).not.toHaveProperty('settledAt')
      time.pass(4999)
      expect(idsOf(await dispatcher.readReady())).toEqual(['4'])
      time.pass(1)
      expect(idsOf(await dispatcher.readReady())).toEqual(['1', '4'])
    })

    test('keeps everything about each attempt, in order', async () => {
      const { ledger, time, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1')])
      const whole = {
        durationInMs: 12.5,
        outcome: 'retry',
        status: 503,
        errorCode: 'status_unsuccessful',
        errorMessage: 'the endpoint answered 503 – “později”',
        response: { headers: { 'retry-after': '120' }, excerpt: 'později 🙂\0"\\', truncated: true },
      } as const
      const rest = { durationInMs: 0, outcome: 'retry', errorCode: 'timeout' } as const
      const bare = { durationInMs: 0, outcome: 'delivered' } as const
      const first = await dispatcher.readOne()
      time.pass(20)
      await dispatcher.settle(first, {
        attempt: { ...whole, startedAgoInMs: 13.4 },
        state: 'pending',
        retryInMs: 100,
      })
      expect(await look(ledger, '1')).toMatchObject({
        lastAttempt: { status: 503, errorCode: 'status_unsuccessful' },
      })
      time.pass(100)
      await dispatcher.settle(await dispatcher.readOne(), {
        attempt: { ...rest, startedAgoInMs: 0 },
        state: 'pending',
        retryInMs: 7,
      })
      expect((await look(ledger, '1')).lastAttempt).toEqual({ errorCode: 'timeout' })
      time.pass(7)
      await dispatcher.settle(await dispatcher.readOne(), { attempt: { ...bare, startedAgoInMs: 2 } })
      expect(await lookAtAttempts(ledger, '1')).toEqual([
        { number: 1, startedAt: startOfTime + 7, ...whole, nextAttemptAt: startOfTime + 120 },
        { number: 2, startedAt: startOfTime + 120, ...rest, nextAttemptAt: startOfTime + 127 },
        { number: 3, startedAt: startOfTime + 125, ...bare },
      ])
      expect(await look(ledger, '1')).toMatchObject({ attemptCount: 3, lastAttempt: {} })
    })

    test('counts the attempts since the delivery was accepted or resent', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1')])
      for (const tries of [0, 1, 2]) {
        const delivery = await dispatcher.readOne()
        expect(delivery.tries).toBe(tries)
        await dispatcher.settle(delivery, { state: 'pending', retryInMs: 0 })
      }
      await dispatcher.settle(await dispatcher.readOne(), { state: 'exhausted' })
      await ledger.operate.resend('1')
      expect(await dispatcher.readOne()).toMatchObject({ tries: 0 })
    })

    test('writes many in one call, each by itself, and answers in their order', async () => {
      const { ledger, dispatcher } = await open()
      const ids = Array.from({ length: 60 }, (_, index) => `${index}`)
      await ledger.enqueue(newDeliveries(ids))
      const deliveries = await dispatcher.readReady()
      const states = ['delivered', 'exhausted', 'pending'] as const
      const answers = await ledger.dispatch.settle('first', [
        ...deliveries.map((delivery, index) =>
          dispatcher.toSettlement(delivery, { state: states[index % 3]!, retryInMs: 0 }),
        ),
        { ...dispatcher.toSettlement(deliveries[0]!), number: 1_000_000 },
        { ...dispatcher.toSettlement(deliveries[0]!), endpointId: 'unknown' },
      ])
      expect(answers).toEqual([...ids.map((_, index) => states[index % 3]), 'lost', 'lost'])
      for (const [index, id] of ids.entries()) {
        expect(await look(ledger, id)).toMatchObject({ state: states[index % 3], attemptCount: 1 })
      }
      expect(await ledger.dispatch.settle('first', [])).toEqual([])
    })

    test('writes the same one once, also when it is given again since its answer was lost', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue(newDeliveries(['1', '2']))
      const [first, second] = (await dispatcher.readReady()).map((delivery) => delivery)
      const again = [
        dispatcher.toSettlement(first!),
        dispatcher.toSettlement(second!, { state: 'pending', retryInMs: 0 }),
      ]
      expect(await ledger.dispatch.settle('first', again)).toEqual(['delivered', 'pending'])
      expect(await ledger.dispatch.settle('first', again)).toEqual(['lost', 'lost'])
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
      expect(await look(ledger, '2')).toMatchObject({ state: 'pending', attemptCount: 1 })
      expect(await dispatcher.settle(second!, { state: 'exhausted', tries: 1 })).toBe('exhausted')
      expect(await dispatcher.settle(second!, { tries: 2 })).toBe('lost')
    })

    test('changes nothing for a former owner, once another has its partition', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1')])
      const delivery = await dispatcher.readOne()
      const [{ beat } = { beat: -1 }] = await ledger.dispatch.listDispatchers()
      await ledger.dispatch.bury([{ id: 'first', beat }])
      const next = await joinDispatcher(ledger, { id: 'next' })
      const before = await ledger.operate.getDelivery('1')
      for (const state of ['delivered', 'pending', 'exhausted'] as const) {
        expect(await dispatcher.settle(delivery, { state })).toBe('lost')
      }
      expect(await ledger.operate.getDelivery('1')).toEqual(before)
      expect(await lookAtEndpoint(ledger)).not.toHaveProperty('lastSuccessAt')
      expect(await next.settle(delivery)).toBe('delivered')
    })

    test('does not find a delivery by the number that it had before it was resent', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1')])
      const delivery = await dispatcher.readOne()
      await ledger.operate.cancel('1')
      await ledger.operate.resend('1')
      expect(await dispatcher.settle(delivery)).toBe('lost')
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 0 })
    })
  })

  describe('an outcome that is gone', () => {
    const gone: SettledAttempt = { startedAgoInMs: 0, durationInMs: 1, outcome: 'gone', status: 410 }

    test('pauses the endpoint in the same commit, and raises the revision', async () => {
      const { ledger, time, dispatcher } = await open()
      await ledger.enqueue(newDeliveries(['1', '2']))
      const [first, second] = await dispatcher.readReady()
      const { revision } = await ledger.dispatch.beat('first')
      time.pass(3)
      expect(await dispatcher.settle(first!, { attempt: gone, state: 'pending' })).toBe('pending')
      expect(await lookAtEndpoint(ledger)).toMatchObject({
        paused: { reason: 'gone', since: startOfTime + 3 },
        pending: 2,
        lastFailureAt: startOfTime + 3,
      })
      expect((await ledger.dispatch.beat('first')).revision).toBeGreaterThan(revision)
      expect(await ledger.dispatch.readEndpoints(revision)).toMatchObject([{ id: 'one', paused: 'gone' }])
      time.pass(1)
      await dispatcher.settle(second!, { attempt: gone, state: 'pending' })
      expect(await lookAtEndpoint(ledger)).toMatchObject({ paused: { since: startOfTime + 3 } })
    })

    test('leaves the pause of an operator as it is', async () => {
      const { ledger, time, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1')])
      const delivery = await dispatcher.readOne()
      await ledger.operate.pauseEndpoint('one')
      time.pass(1)
      await dispatcher.settle(delivery, { attempt: gone, state: 'exhausted' })
      expect(await lookAtEndpoint(ledger)).toMatchObject({
        paused: { reason: 'operator', since: startOfTime },
      })
    })

    test('pauses nothing when it comes from one who has lost the partition', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1')])
      const delivery = await dispatcher.readOne()
      await ledger.dispatch.leave('first')
      expect(await dispatcher.settle(delivery, { attempt: gone, state: 'pending' })).toBe('lost')
      expect(await lookAtEndpoint(ledger)).not.toHaveProperty('paused')
    })
  })
}
