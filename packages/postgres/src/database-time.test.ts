import { joinDispatcher, look, lookAtAttempts, lookAtEndpoint, newDelivery } from '@taskhook/outbox/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()
const hourInMs = 60 * 60 * 1000
const dayInMs = 24 * hourInMs

afterEach(() => void vi.useRealTimers())

/** Sets the clock of this machine, and of nothing else. */
function setClock(skewInMs: number): () => number {
  const startedAt = performance.now()
  const start = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: start + skewInMs })
  return () => start + performance.now() - startedAt
}

describe("a ledger's time", () => {
  test.each([
    ['an hour behind', -hourInMs],
    ['an hour ahead', hourInMs],
    ['40 days ahead', 40 * dayInMs],
  ])('is that of the database, also on a machine whose clock is %s', async (_name, skewInMs) => {
    const ledger = await database.open()
    const dispatcher = await joinDispatcher(ledger)
    const realTime = setClock(skewInMs)

    await ledger.enqueue([newDelivery('1'), newDelivery('2', { orderingKey: 'b', delayInMs: 60_000 })])
    expect((await look(ledger, '1')).acceptedAt).toBeCloseTo(realTime(), -4)
    expect((await look(ledger, '2')).readyAt).toBeCloseTo(realTime() + 60_000, -4)
    await dispatcher.settle(await dispatcher.readOne(), {
      state: 'pending',
      retryInMs: 30_000,
      attempt: { startedAgoInMs: 5000, durationInMs: 5000, outcome: 'retry' },
    })
    const [attempt] = await lookAtAttempts(ledger, '1')
    expect(attempt?.startedAt).toBeCloseTo(realTime() - 5000, -4)
    expect(attempt?.nextAttemptAt).toBeCloseTo(realTime() + 30_000, -4)
    expect((await dispatcher.readDue()).nextInMs).toBeLessThan(31_000)

    await ledger.operate.pauseEndpoint('one')
    expect((await lookAtEndpoint(ledger)).paused?.since).toBeCloseTo(realTime(), -4)
    expect((await lookAtEndpoint(ledger)).lastFailureAt).toBeCloseTo(realTime(), -4)
    expect((await ledger.dispatch.beat('first')).now).toBeCloseTo(realTime(), -4)
  })
})

// It erased the history and the keys of all machines once.
test('a machine whose clock is 40 days ahead erases nothing', async () => {
  // A day of what is delivered is as long as a millisecond, so that it has ended.
  const ledger = await database.open({ partitionInMs: 1 })
  const dispatcher = await joinDispatcher(ledger)
  await ledger.enqueue([newDelivery('1', { idempotencyKey: 'key' })])
  await dispatcher.settle(await dispatcher.readOne())
  setClock(40 * dayInMs)
  expect(await ledger.dispatch.purge(30 * dayInMs, 100)).toBe(0)
  expect(await look(ledger, '1')).toMatchObject({ state: 'delivered' })
  expect(await ledger.enqueue([newDelivery('2', { idempotencyKey: 'key' })])).toEqual([
    { id: '1', isRepeat: true },
  ])
})
