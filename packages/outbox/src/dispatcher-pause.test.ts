import { describe, expect, test } from 'vitest'
import { answered, createTestEndpoint, delivered } from './testing-attempts.ts'
import { openTestOutbox } from './testing-outbox.ts'

const hour = 3_600_000

describe('a dispatcher', () => {
  test('makes no more attempts at an endpoint that is gone, keeps its deliveries, and resumes', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 1, answer: () => answered(410) })
    await enqueue({ id: 'a1' }, { id: 'a2' }, 'b')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    await enqueue('c')
    dispatcher.wake()
    await clock.advance(100 * hour)
    expect(endpoint.attempted()).toEqual(['a1'])
    expect(await ledger.listEndpoints([])).toMatchObject([{ pending: 4, paused: { reason: 'gone' } }])
    expect(await look('a1')).toMatchObject({ state: 'pending', attemptCount: 1, isInFlight: false })
    for (const id of ['a2', 'b', 'c']) {
      expect(await look(id)).toMatchObject({ state: 'pending', attemptCount: 0, isInFlight: false })
    }

    endpoint.answer = () => delivered
    await ledger.resumeEndpoint('one', clock.now())
    await dispatcher.refresh()
    await clock.quiet()
    expect(endpoint.attempted().slice(1).toSorted()).toEqual(['a1', 'a2', 'b', 'c'])
    expect(endpoint.attempted().filter((id) => id.startsWith('a'))).toEqual(['a1', 'a1', 'a2'])
    expect(await ledger.listEndpoints([])).toMatchObject([{ pending: 0 }])
  })

  test('does not give up a delivery because its endpoint is gone, however often', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ retryScheduleInMs: [0], answer: () => answered(410) })
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    for (const attemptCount of [2, 3, 4]) {
      await ledger.resumeEndpoint('one', clock.now())
      await dispatcher.refresh()
      await clock.quiet()
      expect(await look('1')).toMatchObject({ state: 'pending', attemptCount })
    }
  })

  test('writes down what was in flight when the endpoint was gone', async () => {
    const { clock, enqueue, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue('1', '2', '3')
    await startDispatcher({ endpoints: [endpoint] })
    endpoint.attempts[0]!.end(answered(410))
    await clock.quiet()
    endpoint.attempts[1]!.end()
    await clock.quiet()
    expect(await look('2')).toMatchObject({ state: 'delivered' })
    expect(endpoint.attempts).toHaveLength(2)
  })

  test('makes no attempt at an endpoint that an operator paused, gives back what it had claimed, and resumes', async () => {
    const { clock, enqueue, ledger, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue('1', '2', '3', '4', '5')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    await ledger.pauseEndpoint('one', 'operator', clock.now())
    await dispatcher.refresh()
    await clock.quiet()
    const inFlight = async () =>
      (await ledger.listDeliveries({}, { limit: 10 })).deliveries.filter((one) => one.isInFlight)
    expect(await inFlight()).toHaveLength(2)
    for (const attempt of endpoint.attempts) attempt.end()
    await clock.advance(hour)
    expect(endpoint.attempts).toHaveLength(2)
    expect(await inFlight()).toEqual([])

    endpoint.answer = () => delivered
    await ledger.resumeEndpoint('one', clock.now())
    await dispatcher.refresh()
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1', '2', '3', '4', '5'])
  })

  test('makes no attempt at an endpoint that was paused before it started, even when it is woken meanwhile', async () => {
    const { clock, createDispatcher, enqueue, ledger } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    await ledger.pauseEndpoint('one', 'gone', clock.now())
    const dispatcher = createDispatcher({ endpoints: [endpoint] })
    const started = dispatcher.start()
    dispatcher.wake()
    await started
    await clock.advance(hour)
    expect(endpoint.attempts).toEqual([])
  })

  test('takes nothing from other endpoints for one that is paused', async () => {
    const { clock, enqueue, ledger, startDispatcher } = openTestOutbox()
    const paused = createTestEndpoint({ id: 'paused' })
    const other = createTestEndpoint({ id: 'other', answer: () => delivered })
    await ledger.pauseEndpoint('paused', 'operator', clock.now())
    await enqueue({ id: '1', endpointId: 'paused' }, { id: '2', endpointId: 'other' })
    await startDispatcher({ endpoints: [paused, other] })
    expect([paused.attempted(), other.attempted()]).toEqual([[], ['2']])
  })

  test('learns that another process paused or resumed an endpoint', async () => {
    const { clock, enqueue, file, startDispatcher } = openTestOutbox()
    const other = openTestOutbox({ file })
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue('1', '2', '3')
    await startDispatcher({ endpoints: [endpoint] })
    await other.ledger.pauseEndpoint('one', 'operator', clock.now())
    // Claimed ahead, and given back when the dispatcher knows.
    await expect.poll(async () => (await other.look('2')).isInFlight, { interval: 5 }).toBe(false)
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(endpoint.attempts).toHaveLength(1)
    await other.ledger.resumeEndpoint('one', clock.now())
    await expect.poll(() => endpoint.attempts.length, { interval: 5 }).toBe(2)
  })
})
