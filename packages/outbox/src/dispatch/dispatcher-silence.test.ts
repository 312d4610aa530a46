import { describe, expect, test } from 'vitest'
import type { DispatchLedger } from '../ledger.ts'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox, type TestOutbox } from '../testing/test-outbox.ts'

const second = 1000
const leaseInMs = 15 * second

/** The ledger of a process, with some operations as the test has them. */
function withDispatch(
  { ledger }: TestOutbox,
  given: (dispatch: DispatchLedger) => Partial<DispatchLedger>,
): TestOutbox['ledger'] {
  return { ...ledger, dispatch: { ...ledger.dispatch, ...given(ledger.dispatch) } as typeof ledger.dispatch }
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
