import { describe, expect, test } from 'vitest'
import type { DispatchLedger } from '../ledger.ts'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox, type TestOutbox } from '../testing/test-outbox.ts'
import { openTestDatabase } from '../testing/test-sqlite.ts'

const second = 1000
const leaseInMs = 15 * second

/** The ledger of a process, with some operations as the test has them. */
function withDispatch(
  { ledger }: TestOutbox,
  given: (dispatch: DispatchLedger) => Partial<DispatchLedger>,
): TestOutbox['ledger'] {
  return { ...ledger, dispatch: { ...ledger.dispatch, ...given(ledger.dispatch) } as typeof ledger.dispatch }
}

/** A ledger that answers each beat after a time, and what was decided after the same time. */
function openSlow(answerInMs: number) {
  const opened = openTestOutbox()
  async function answerLate<Answer>(answer: Promise<Answer>): Promise<Answer> {
    await new Promise<void>((resolve) => void opened.clock.after(answerInMs, resolve))
    return answer
  }
  const ledger = withDispatch(opened, (dispatch) => ({
    onChange: () => () => {},
    beat: (id) => answerLate(dispatch.beat(id)),
    readEndpoints: (revision) => answerLate(dispatch.readEndpoints(revision)),
  }))
  return { ...opened, ledger }
}

describe('a dispatcher that was silent for longer than its lease', () => {
  // Its beat told it that something had been decided, and it began what it had in memory before it asked what.
  test('goes by what was canceled meanwhile before it begins anything', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue, startOutbox } = opened
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    // Nothing tells it of changes while it is asleep.
    const ledger = withDispatch(opened, () => ({ onChange: () => () => {} }))
    await enqueue('1', '2', '3')
    await startOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    await opened.ledger.operate.cancel('2')
    clock.sleep(2 * leaseInMs)
    endpoint.answer = () => delivered
    endpoint.attempts[0]!.end()
    await clock.advance(second)
    expect(endpoint.attempted()).toEqual(['1', '3'])
  })

  test('begins nothing while it cannot learn what was decided, and then goes on', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue, startOutbox } = opened
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    let isAway = false
    const ledger = withDispatch(opened, (dispatch) => ({
      readEndpoints: (revision) =>
        isAway ? Promise.reject(new Error('away')) : dispatch.readEndpoints(revision),
    }))
    await enqueue('1', '2')
    await startOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    isAway = true
    clock.sleep(2 * leaseInMs)
    endpoint.attempts[0]!.end()
    await clock.advance(leaseInMs)
    expect(endpoint.attempted()).toEqual(['1'])
    isAway = false
    await clock.advance(leaseInMs)
    expect(endpoint.attempted()).toEqual(['1', '2'])
  })
})

describe('a dispatcher whose ledger is slow', () => {
  // A beat that was answered after a third of a lease did not count: nothing began any more.
  test('delivers while every beat is answered late, in the time of its lease', async () => {
    const { clock, enqueue, createOutbox, ledger } = openSlow(0.4 * leaseInMs)
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = createOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    const started = outbox.start()
    await clock.advance(2 * leaseInMs)
    await started
    for (let index = 0; index < 20; index += 1) {
      await enqueue(`${index}`)
      await clock.advance(0.5 * leaseInMs)
      expect(endpoint.attempted()).toContain(`${index}`)
    }
  })

  // Each time that it had learned what was decided, the beat that it had asked because of was nearly as old as the lease.
  test('delivers again, and goes on, after it was silent for longer than its lease', async () => {
    const { clock, enqueue, createOutbox, ledger } = openSlow(0.45 * leaseInMs)
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = createOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    const started = outbox.start()
    await clock.advance(leaseInMs)
    await started
    clock.sleep(2 * leaseInMs)
    await clock.advance(2 * leaseInMs)
    for (let index = 0; index < 20; index += 1) {
      await enqueue(`${index}`)
      await clock.advance(0.5 * leaseInMs)
      expect(endpoint.attempted()).toContain(`${index}`)
    }
  })

  test('begins nothing when a beat is answered after its lease', async () => {
    const { clock, enqueue, createOutbox, ledger } = openSlow(1.1 * leaseInMs)
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = createOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    const started = outbox.start()
    await enqueue('1')
    await clock.advance(20 * leaseInMs)
    await started
    expect(endpoint.attempted()).toEqual([])
  })

  test('learns from a late answer that it was taken for dead, and joins once more', async () => {
    const { clock, enqueue, createOutbox, ledger } = openSlow(0.4 * leaseInMs)
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = createOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    const started = outbox.start()
    await clock.advance(leaseInMs)
    await started
    await ledger.dispatch.bury(await ledger.dispatch.listDispatchers())
    await clock.advance(3 * leaseInMs)
    const ids = (await ledger.dispatch.listDispatchers()).map(({ id }) => id)
    expect(ids).toEqual([`${outbox.id}/1`])
    await enqueue('1')
    await clock.advance(leaseInMs)
    expect(endpoint.attempted()).toEqual(['1'])
  })

  // It would have joined anew, and kept its share from all others for good.
  test('does not come back because of an answer after it has left', async () => {
    const { clock, createOutbox, ledger } = openSlow(0.4 * leaseInMs)
    const outbox = createOutbox({ ledger, endpoints: [createTestEndpoint()], leaseInMs })
    const started = outbox.start()
    await clock.advance(leaseInMs)
    await started
    await ledger.dispatch.bury(await ledger.dispatch.listDispatchers())
    await clock.advance(0.4 * leaseInMs)
    const stopped = outbox.stop({ timeoutInMs: 0 })
    await clock.advance(5 * leaseInMs)
    await stopped
    expect(await ledger.dispatch.listDispatchers()).toEqual([])
  })
})

describe('a dispatcher that was taken for dead', () => {
  // The beat was answered as it still was a member. The answer let it begin for another lease what others had by then.
  test('begins nothing because of a beat that was on its way when it lost a settlement', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue, startOutbox } = opened
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    let held: Promise<void> | undefined
    const ledger = withDispatch(opened, (dispatch) => ({
      onChange: () => () => {},
      // As on PostgreSQL, which tells of no commit before the answer.
      settle: (id, settlements) => dispatch.settle(id, settlements),
      async beat(id) {
        const beaten = await dispatch.beat(id)
        await held
        return beaten
      },
    }))
    await enqueue('1', '2')
    await startOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    held = promise
    await clock.advance(leaseInMs / 3)
    const { dispatch } = opened.ledger
    await dispatch.bury((await dispatch.listDispatchers()).map(({ id, beat }) => ({ id, beat })))
    await dispatch.join({ id: 'other', place: 'elsewhere', endpointIds: ['one'] })
    const partitions = Array.from({ length: dispatch.partitionCount }, (_, partition) => partition)
    await dispatch.acquire(
      'other',
      partitions.map((partition) => ({ endpointId: 'one', partition })),
    )
    endpoint.attempts[0]!.end()
    await clock.quiet()
    held = undefined
    answer()
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })

  // The other one had its partitions, and made its attempts again.
  test('is not, because the ledger does not answer which endpoints it delivers to from now on', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue, startOutbox } = opened
    const endpoint = createTestEndpoint()
    let isHanging = false
    const ledger = withDispatch(opened, (dispatch) => ({
      join: (record) => (isHanging ? new Promise(() => {}) : dispatch.join(record)),
    }))
    await enqueue('1', '2')
    const outbox = await startOutbox({ ledger, endpoints: [endpoint], leaseInMs })
    const other = createTestEndpoint({ id: 'other' })
    await startOutbox({ endpoints: [other], leaseInMs })
    isHanging = true
    void outbox.configure([endpoint, other])
    await clock.advance(4 * leaseInMs)
    const ids = (await opened.ledger.dispatch.listDispatchers()).map(({ id }) => id)
    expect(ids).toContain(outbox.id)
    for (const { signal } of endpoint.inFlight) expect(signal.aborted).toBe(false)
  })
})

// It attempted the same delivery without a pause: no outcome was written, and no beat told it why.
test('a dispatcher whose ledger has lost what it acquired last asks for it again', async () => {
  const { clock, enqueue, startOutbox, file, look } = openTestOutbox()
  const endpoint = createTestEndpoint({ answer: () => delivered })
  await startOutbox({ endpoints: [endpoint], leaseInMs })
  const database = openTestDatabase(file)
  // As a failover of PostgreSQL does that loses commits.
  database.exec('UPDATE taskhook_partitions SET owner = NULL, epoch = epoch - 1')
  await enqueue('1')
  await clock.advance(leaseInMs)
  expect(endpoint.attempted()).toEqual(['1', '1'])
  expect(await look('1')).toMatchObject({ state: 'delivered' })
})

test('a dispatcher gives up what its ledger says is the property of another that lives', async () => {
  const { clock, enqueue, startOutbox, file, look, ledger } = openTestOutbox()
  const endpoint = createTestEndpoint({ answer: () => delivered })
  await startOutbox({ endpoints: [endpoint], leaseInMs })
  await ledger.dispatch.join({ id: 'other', place: 'elsewhere', endpointIds: [] })
  openTestDatabase(file).exec(`UPDATE taskhook_partitions SET owner = 'other', epoch = epoch - 1`)
  await enqueue('1')
  await clock.advance(second)
  expect(endpoint.attempted()).toEqual(['1'])
  expect(await look('1')).toMatchObject({ state: 'pending' })
  await ledger.dispatch.leave('other')
  await clock.advance(leaseInMs)
  expect(await look('1')).toMatchObject({ state: 'delivered' })
})
