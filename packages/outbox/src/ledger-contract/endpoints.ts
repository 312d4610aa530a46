import { describe, expect, test } from 'vitest'
import { claim, claimOne, newDelivery, settle, startOfTime } from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What the ledger promises about endpoints. */
export function describeEndpoints<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()
  const fresh = { pending: 0, circuit: { state: 'closed', since: 0 } }

  describe('listEndpoints', () => {
    test('has those asked for, and those that have something pending', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1', { endpointId: 'three' })])
      expect(await ledger.listEndpoints(['one', 'two'])).toEqual([
        { ...fresh, id: 'one' },
        { ...fresh, id: 'three', pending: 1, oldestPendingAt: startOfTime },
        { ...fresh, id: 'two' },
      ])
    })

    test('counts what is pending, in flight or not, and says how old it is', async () => {
      const ledger = await open()
      await ledger.enqueue(
        [0, 1, 2].map((after) =>
          newDelivery(`${after}`, { orderingKey: `${after}`, acceptedAt: startOfTime + after }),
        ),
      )
      const [first, second] = await claim(ledger, { limit: 2 })
      expect(await ledger.listEndpoints([])).toMatchObject([{ pending: 3, oldestPendingAt: startOfTime }])
      await settle(ledger, first!)
      await settle(ledger, second!, { state: 'exhausted' })
      expect(await ledger.listEndpoints([])).toMatchObject([{ pending: 1, oldestPendingAt: startOfTime + 2 }])
      await ledger.cancel('2', startOfTime)
      const [endpoint] = await ledger.listEndpoints(['one'])
      expect(endpoint).toMatchObject({ pending: 0 })
      expect(endpoint).not.toHaveProperty('oldestPendingAt')
    })

    test('says when an attempt last succeeded and last failed', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { endpointId: 'two' })])
      await settle(ledger, await claimOne(ledger), { state: 'pending', now: startOfTime + 1 })
      await settle(ledger, await claimOne(ledger, { endpointId: 'two' }), { now: startOfTime + 2 })
      expect(await ledger.listEndpoints([])).toEqual([
        { ...fresh, id: 'one', pending: 1, oldestPendingAt: startOfTime, lastFailureAt: startOfTime + 1 },
        { ...fresh, id: 'two', lastSuccessAt: startOfTime + 2 },
      ])
      await settle(ledger, await claimOne(ledger, { now: startOfTime + 5000 }), { now: startOfTime + 5000 })
      expect(await ledger.listEndpoints([])).toContainEqual({
        ...fresh,
        id: 'one',
        lastFailureAt: startOfTime + 1,
        lastSuccessAt: startOfTime + 5000,
      })
    })

    test('has the state of the circuit that was noted last', async () => {
      const ledger = await open()
      await ledger.noteCircuit('one', { state: 'open', since: startOfTime })
      expect(await ledger.listEndpoints([])).toEqual([
        { ...fresh, id: 'one', circuit: { state: 'open', since: startOfTime } },
      ])
      await ledger.noteCircuit('one', { state: 'closed', since: startOfTime + 1 })
      expect(await ledger.listEndpoints([])).toEqual([
        { ...fresh, id: 'one', circuit: { state: 'closed', since: startOfTime + 1 } },
      ])
    })
  })

  describe('pauseEndpoint and resumeEndpoint', () => {
    test('keep which endpoints are paused, why, and since when', async () => {
      const ledger = await open()
      expect(await ledger.listPaused()).toEqual([])
      await ledger.pauseEndpoint('one', 'operator', startOfTime)
      await ledger.pauseEndpoint('two', 'gone', startOfTime + 1)
      expect((await ledger.listPaused()).toSorted()).toEqual(['one', 'two'])
      expect(await ledger.listEndpoints([])).toEqual([
        { ...fresh, id: 'one', paused: { reason: 'operator', since: startOfTime } },
        { ...fresh, id: 'two', paused: { reason: 'gone', since: startOfTime + 1 } },
      ])
      await ledger.resumeEndpoint('two', startOfTime + 2)
      expect(await ledger.listPaused()).toEqual(['one'])
      expect(await ledger.listEndpoints(['two'])).toContainEqual({ ...fresh, id: 'two' })
    })

    test('resume one that was not paused, or was never heard of', async () => {
      const ledger = await open()
      await ledger.resumeEndpoint('one', startOfTime)
      expect(await ledger.listPaused()).toEqual([])
    })

    test('lose nothing: what is accepted meanwhile is pending', async () => {
      const ledger = await open()
      await ledger.pauseEndpoint('one', 'gone', startOfTime)
      await ledger.enqueue([newDelivery('1')])
      expect(await ledger.listEndpoints([])).toMatchObject([{ pending: 1, paused: { reason: 'gone' } }])
      await ledger.resumeEndpoint('one', startOfTime)
      await claimOne(ledger)
    })

    test('leave the circuit and the latest outcomes as they are, and the other way round', async () => {
      const ledger = await open()
      const circuit = { state: 'open', since: startOfTime } as const
      await ledger.pauseEndpoint('one', 'operator', startOfTime)
      await ledger.noteCircuit('one', circuit)
      await ledger.enqueue([newDelivery('1')])
      await settle(ledger, await claimOne(ledger))
      const paused = { reason: 'operator', since: startOfTime }
      expect(await ledger.listEndpoints([])).toMatchObject([{ paused, circuit, lastSuccessAt: startOfTime }])
      await ledger.resumeEndpoint('one', startOfTime)
      expect(await ledger.listEndpoints([])).toMatchObject([{ circuit, lastSuccessAt: startOfTime }])
    })
  })
}
