import { describe, expect, test } from 'vitest'
import { lookAtEndpoint } from '../testing/look.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { answered, createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const hour = 3_600_000
const many = Array.from({ length: 300 }, (_, index) => `${index}`)

describe('a dispatcher', () => {
  test('makes no more attempts at an endpoint that is gone, keeps its deliveries, and resumes', async () => {
    const { clock, enqueue, ledger, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 1, answer: () => answered(410) })
    await enqueue({ id: 'a1' }, { id: 'a2' }, 'b')
    const outbox = await startOutbox({ endpoints: [endpoint], leaseInMs: hour })
    await enqueue('c')
    await clock.advance(100 * hour)
    expect(endpoint.attempted()).toEqual(['a1'])
    expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 4, paused: { reason: 'gone' } })
    expect(await look('a1')).toMatchObject({ state: 'pending', attemptCount: 1 })
    for (const id of ['a2', 'b', 'c'])
      expect(await look(id)).toMatchObject({ state: 'pending', attemptCount: 0 })

    endpoint.answer = () => delivered
    expect(await outbox.endpoints.resume('one')).toBe(true)
    await clock.quiet()
    expect(endpoint.attempted().slice(1).toSorted()).toEqual(['a1', 'a2', 'b', 'c'])
    expect(endpoint.attempted().filter((id) => id.startsWith('a'))).toEqual(['a1', 'a1', 'a2'])
    expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 0 })
  })

  test('does not give up a delivery because its endpoint is gone, however often', async () => {
    const { clock, enqueue, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ retryScheduleInMs: [0], answer: () => answered(410) })
    await enqueue('1')
    const outbox = await startOutbox({ endpoints: [endpoint] })
    for (const attemptCount of [2, 3, 4]) {
      await outbox.endpoints.resume('one')
      await clock.quiet()
      expect(await look('1')).toMatchObject({ state: 'pending', attemptCount })
    }
  })

  test('writes down what was in flight when the endpoint was gone', async () => {
    const { clock, enqueue, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue('1', '2', '3')
    await startOutbox({ endpoints: [endpoint] })
    endpoint.attempts[0]!.end(answered(410))
    await clock.quiet()
    endpoint.attempts[1]!.end()
    await clock.quiet()
    expect(await look('2')).toMatchObject({ state: 'delivered' })
    expect(endpoint.attempts).toHaveLength(2)
  })

  test('begins nothing that it had read when pause() has resolved, and goes on after resume()', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue(...many)
    const outbox = await startOutbox({ endpoints: [endpoint], leaseInMs: hour })
    expect(await outbox.endpoints.pause('one')).toBe(true)
    for (const attempt of endpoint.attempts) attempt.end()
    await clock.advance(10 * hour)
    expect(endpoint.attempts).toHaveLength(2)

    endpoint.answer = () => delivered
    await outbox.endpoints.resume('one')
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(many)
  })

  // It went by the pause only when the ledger had answered what becomes of each that it had read.
  test('begins nothing after a pause while the ledger does not say what has become of what was read', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue(...many)
    const dispatch = { ...ledger.dispatch, readPending: () => new Promise<never>(() => {}) }
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint], leaseInMs: hour })
    await ledger.operate.pauseEndpoint('one')
    await clock.quiet()
    for (const attempt of endpoint.attempts) attempt.end()
    await clock.quiet()
    expect(endpoint.attempts).toHaveLength(2)
  })

  // It went on, since it had not learned that the endpoint is paused.
  test('begins nothing at one that is gone while the ledger does not say whether it still is', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue(...many)
    let isAway = false
    const dispatch: typeof ledger.dispatch = {
      ...ledger.dispatch,
      readEndpoints: (revision) =>
        isAway ? Promise.reject(new Error('away')) : ledger.dispatch.readEndpoints(revision),
    }
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })
    isAway = true
    endpoint.attempts[0]!.end(answered(410))
    await clock.advance(3000)
    expect(endpoint.attempts).toHaveLength(1)
    isAway = false
    await clock.advance(3000)
    await ledger.operate.resumeEndpoint('one')
    await clock.quiet()
    expect(endpoint.attempts).toHaveLength(2)
  })

  test('begins nothing at one that is gone, with hundreds of lines in memory', async () => {
    const { clock, enqueue, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue(...many)
    const outbox = await startOutbox({ endpoints: [endpoint] })
    endpoint.attempts[0]!.end(answered(410))
    // At once, not only when it is written.
    endpoint.attempts[1]!.end()
    await clock.quiet()
    await outbox.idle()
    expect(endpoint.attempted()).toEqual(['0', '1'])
    expect(await look('2')).toMatchObject({ state: 'pending', attemptCount: 0 })
  })

  test('makes no attempt at an endpoint that was paused before it started, even when it is woken meanwhile', async () => {
    const { clock, createOutbox, enqueue, ledger } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    await ledger.operate.pauseEndpoint('one')
    const outbox = createOutbox({ endpoints: [endpoint], leaseInMs: hour })
    const started = outbox.start()
    await outbox.enqueue([newDelivery('2')])
    await started
    await clock.advance(hour)
    expect(endpoint.attempts).toEqual([])
  })

  // It once was paused in this process alone, where no operator saw it.
  test('is not paused for a 410 that was not written, since its partition was lost', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ ignoresSignal: true })
    await enqueue('1')
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await ledger.dispatch.leave(outbox.id)
    endpoint.attempts[0]!.end(answered(410))
    await clock.advance(10_000)
    expect(await lookAtEndpoint(ledger)).not.toHaveProperty('paused')
    expect(endpoint.attempted()).toEqual(['1', '1'])
  })

  test('takes nothing from other endpoints for one that is paused', async () => {
    const { enqueue, ledger, startOutbox } = openTestOutbox()
    const paused = createTestEndpoint({ id: 'paused' })
    const other = createTestEndpoint({ id: 'other', answer: () => delivered })
    await ledger.operate.pauseEndpoint('paused')
    await enqueue({ id: '1', endpointId: 'paused' }, { id: '2', endpointId: 'other' })
    await startOutbox({ endpoints: [paused, other] })
    expect([paused.attempted(), other.attempted()]).toEqual([[], ['2']])
  })

  test('learns that another process paused or resumed an endpoint', async () => {
    const { clock, enqueue, file, startOutbox } = openTestOutbox()
    const other = openTestOutbox({ file, clock }).createOutbox({})
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue('1', '2', '3')
    await startOutbox({ endpoints: [endpoint] })
    expect(await other.endpoints.pause('one')).toBe(true)
    await clock.quiet()
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(endpoint.attempts).toHaveLength(1)
    await other.endpoints.resume('one')
    await clock.quiet()
    expect(endpoint.attempts).toHaveLength(2)
  })
})
