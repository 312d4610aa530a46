import { describe, expect, test } from 'vitest'
import { lookAtEndpoint } from '../look.ts'
import { newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import type { Settlement } from '../../ledger.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

const circuit = { state: 'closed', since: 0 }
const fresh = { isOwned: false, pending: 0, held: 0, exhausted: 0, circuit }

/** What the ledger promises about endpoints. */
export function describeEndpoints<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  describe('listEndpoints', () => {
    test('has those asked for, and those ever known, in the order of their ids', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1', { endpointId: 'three' })])
      await ledger.operate.pauseEndpoint('four')
      expect(await ledger.operate.listEndpoints(['two', 'one', 'three'])).toEqual([
        { ...fresh, id: 'four', paused: { reason: 'operator', since: startOfTime } },
        { ...fresh, id: 'one' },
        { ...fresh, id: 'three', pending: 1, oldestPendingAgeInMs: 0 },
        { ...fresh, id: 'two' },
      ])
      expect((await ledger.operate.listEndpoints()).map(({ id }) => id)).toEqual(['four', 'three'])
    })

    test('counts what is pending, and says how old it is', async () => {
      const { ledger, time } = await open()
      for (const id of ['0', '1', '2']) {
        await ledger.enqueue([newDelivery(id, { orderingKey: id })])
        time.pass(10)
      }
      const dispatcher = await joinDispatcher(ledger)
      const [first, second] = await dispatcher.readReady()
      expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 3, oldestPendingAgeInMs: 30 })
      await dispatcher.settle(first!)
      await dispatcher.settle(second!, { state: 'exhausted' })
      expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 1, oldestPendingAgeInMs: 10 })
      await ledger.operate.cancel('2')
      const endpoint = await lookAtEndpoint(ledger)
      expect(endpoint).toMatchObject({ pending: 0 })
      expect(endpoint).not.toHaveProperty('oldestPendingAgeInMs')
    })

    test('counts what is exhausted, and counts no further than it is told', async () => {
      const { ledger } = await open()
      const ids = ['0', '1', '2', '3', '4', '5']
      await ledger.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id })))
      const dispatcher = await joinDispatcher(ledger)
      for (const delivery of (await dispatcher.readReady()).slice(0, 3)) {
        await dispatcher.settle(delivery, { state: 'exhausted' })
      }
      await ledger.operate.cancel('5')
      expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 2, exhausted: 3 })
      const [bounded] = await ledger.operate.listEndpoints([], { countLimit: 2 })
      expect(bounded).toMatchObject({ pending: 2, exhausted: 2, oldestPendingAgeInMs: 0 })
    })

    test('tells how attempts ended by endpoint and minute, for a week', async () => {
      const { ledger, time } = await open()
      const minute = Math.floor(startOfTime / 60_000) * 60_000
      const dispatcher = await joinDispatcher(ledger)
      const settleAll = async (ids: readonly string[], given: Partial<Settlement> = {}): Promise<void> => {
        await ledger.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id })))
        for (const delivery of await dispatcher.readReady()) await dispatcher.settle(delivery, given)
      }
      await settleAll(['0', '1'])
      await settleAll(['2'], {
        state: 'exhausted',
        attempt: { startedAgoInMs: 1, durationInMs: 1, outcome: 'retry' },
      })
      const first = { endpointId: 'one', minute, delivered: 2, failed: 1 }
      expect(await ledger.operate.listOutcomes(startOfTime)).toEqual([first])
      time.pass(60_000)
      await settleAll(['3'])
      const second = { endpointId: 'one', minute: minute + 60_000, delivered: 1, failed: 0 }
      expect(await ledger.operate.listOutcomes(startOfTime)).toEqual([first, second])
      expect(await ledger.operate.listOutcomes(startOfTime + 60_000)).toEqual([second])
      time.pass(7 * 24 * 60 * 60_000)
      await settleAll(['4'])
      expect((await ledger.operate.listOutcomes(0)).map(({ delivered }) => delivered)).toEqual([1, 1])
    })

    test('keeps an endpoint that left the configuration, with what is pending there', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      await joinDispatcher(ledger, { endpointIds: ['one'] })
      await ledger.dispatch.leave('first')
      await joinDispatcher(ledger, { id: 'next', endpointIds: ['two'] })
      expect(await lookAtEndpoint(ledger)).toMatchObject({ isOwned: false, pending: 1 })
      expect(await lookAtEndpoint(ledger, 'two')).toMatchObject({ isOwned: true, pending: 0 })
    })

    test('says when an attempt last succeeded and last failed', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { endpointId: 'two' })])
      const dispatcher = await joinDispatcher(ledger)
      const first = await dispatcher.readOne()
      time.pass(1)
      await dispatcher.settle(first, { state: 'pending', retryInMs: 0 })
      time.pass(1)
      await dispatcher.settle(await dispatcher.readOne('two'))
      const one = await lookAtEndpoint(ledger)
      expect(one).toMatchObject({ lastFailureAt: startOfTime + 1 })
      expect(one).not.toHaveProperty('lastSuccessAt')
      expect(await lookAtEndpoint(ledger, 'two')).toMatchObject({ lastSuccessAt: startOfTime + 2 })
      time.pass(1)
      await dispatcher.settle(await dispatcher.readOne())
      expect(await lookAtEndpoint(ledger)).toMatchObject({
        lastFailureAt: startOfTime + 1,
        lastSuccessAt: startOfTime + 3,
      })
    })
  })

  describe('setCircuit', () => {
    test('opens a circuit for all dispatchers, since the first time in a row, and closes it', async () => {
      const { ledger, time } = await open()
      await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 100, openings: 1 })
      expect(await lookAtEndpoint(ledger)).toMatchObject({
        circuit: { state: 'open', since: startOfTime, until: startOfTime + 100 },
      })
      expect(await ledger.dispatch.readEndpoints(0)).toEqual([
        { id: 'one', revision: expect.any(Number), circuit: { openForInMs: 100, openings: 1 } },
      ])
      time.pass(150)
      expect(await ledger.dispatch.readEndpoints(0)).toMatchObject([
        { circuit: { openForInMs: 0, openings: 1 } },
      ])
      await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 200, openings: 2 })
      expect(await lookAtEndpoint(ledger)).toMatchObject({
        circuit: { state: 'open', since: startOfTime, until: startOfTime + 350 },
      })
      time.pass(10)
      await ledger.dispatch.setCircuit('one', { state: 'closed' })
      expect((await lookAtEndpoint(ledger)).circuit).toEqual({ state: 'closed', since: startOfTime + 160 })
      const [control] = await ledger.dispatch.readEndpoints(0)
      expect(control).not.toHaveProperty('circuit')
    })
  })

  describe('pauseEndpoint and resumeEndpoint', () => {
    test('keep which endpoints are paused, why, and since when', async () => {
      const { ledger, time } = await open()
      await ledger.operate.pauseEndpoint('one')
      time.pass(5)
      await ledger.operate.pauseEndpoint('one')
      expect(await lookAtEndpoint(ledger)).toMatchObject({
        paused: { reason: 'operator', since: startOfTime },
      })
      expect(await ledger.dispatch.readEndpoints(0)).toMatchObject([{ id: 'one', paused: 'operator' }])
      await ledger.operate.resumeEndpoint('one')
      expect(await lookAtEndpoint(ledger)).not.toHaveProperty('paused')
      const [control] = await ledger.dispatch.readEndpoints(0)
      expect(control).not.toHaveProperty('paused')
    })

    test('resume one that was not paused, or was never heard of', async () => {
      const { ledger } = await open()
      await ledger.operate.resumeEndpoint('one')
      expect(await lookAtEndpoint(ledger)).toEqual({ ...fresh, id: 'one' })
    })

    test('close the circuit with the pause', async () => {
      const { ledger, time } = await open()
      await ledger.operate.pauseEndpoint('one')
      await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 1000, openings: 3 })
      time.pass(5)
      await ledger.operate.resumeEndpoint('one')
      expect(await lookAtEndpoint(ledger)).toEqual({
        ...fresh,
        id: 'one',
        circuit: { state: 'closed', since: startOfTime + 5 },
      })
    })

    test('lose nothing: what is accepted meanwhile is pending', async () => {
      const { ledger } = await open()
      await ledger.operate.pauseEndpoint('one')
      await ledger.enqueue([newDelivery('1')])
      expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 1, paused: { reason: 'operator' } })
      await ledger.operate.resumeEndpoint('one')
      const dispatcher = await joinDispatcher(ledger)
      expect(await dispatcher.readOne()).toMatchObject({ id: '1' })
    })

    test('leave the circuit and the latest outcomes as they are, and the other way round', async () => {
      const { ledger } = await open()
      await ledger.operate.pauseEndpoint('one')
      await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 10, openings: 1 })
      await ledger.enqueue([newDelivery('1')])
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle(await dispatcher.readOne())
      expect(await lookAtEndpoint(ledger)).toMatchObject({
        paused: { reason: 'operator', since: startOfTime },
        circuit: { state: 'open' },
        lastSuccessAt: startOfTime,
      })
      await ledger.operate.resumeEndpoint('one')
      expect(await lookAtEndpoint(ledger)).toMatchObject({ lastSuccessAt: startOfTime })
    })
  })

  describe('readEndpoints', () => {
    test('reads those alone that something was decided about since a revision', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1', { endpointId: 'three' })])
      await joinDispatcher(ledger)
      expect(await ledger.dispatch.readEndpoints(0)).toEqual([])
      const revisions: number[] = []
      for (const change of [
        () => ledger.operate.pauseEndpoint('one'),
        () => ledger.dispatch.setCircuit('two', { state: 'open', forInMs: 1, openings: 1 }),
        () => ledger.operate.resumeEndpoint('one'),
        () => ledger.dispatch.setCircuit('two', { state: 'closed' }),
      ]) {
        await change()
        revisions.push((await ledger.dispatch.readNew(undefined, 1)).revision)
      }
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b))
      expect(new Set(revisions).size).toBe(4)
      const idsSince = async (revision: number) =>
        (await ledger.dispatch.readEndpoints(revision)).map(({ id }) => id).toSorted()
      expect(await idsSince(0)).toEqual(['one', 'two'])
      expect(await idsSince(revisions[1]!)).toEqual(['one', 'two'])
      expect(await idsSince(revisions[2]!)).toEqual(['two'])
      expect(await idsSince(revisions[3]!)).toEqual([])
    })
  })
}
