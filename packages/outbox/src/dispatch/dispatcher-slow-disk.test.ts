import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import type { DispatchLedger } from '../ledger.ts'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

/** A ledger whose settlements are committed at once, and durable when a test says so. */
function holdSettlements<T>(ledger: DispatchLedger<T>) {
  let disk = Promise.withResolvers<void>()
  let flushes = 0
  const dispatch: DispatchLedger<T> = {
    ...ledger,
    async settle(id, settlements, onCommit) {
      const answers = await ledger.settle(id, settlements, onCommit)
      await disk.promise
      return answers
    },
    flush: () => void (flushes += 1),
  }
  return {
    dispatch,
    flushes: () => flushes,
    sync: (): void => {
      disk.resolve()
      disk = Promise.withResolvers<void>()
    },
  }
}

describe('a dispatcher whose ledger waits for the disk', () => {
  test('goes on with other ordering keys meanwhile, with as many as it may attempt at once', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const { dispatch, sync } = holdSettlements(ledger.dispatch)
    for (const turn of ['1', '2']) {
      await enqueue(
        ...['a', 'b', 'c', 'd', 'e'].map((orderingKey) => ({ id: orderingKey + turn, orderingKey })),
      )
    }
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })
    expect(endpoint.attempted()).toEqual(['a1', 'b1'])
    for (const attempt of endpoint.inFlight) attempt.end()
    await clock.quiet()
    // What is next of a and b waits until it is sure that a1 and b1 are not attempted again.
    expect(endpoint.attempted()).toEqual(['a1', 'b1', 'c1', 'd1'])
    for (const attempt of endpoint.inFlight) attempt.end()
    await clock.quiet()
    expect(endpoint.attempted()).toHaveLength(4)

    sync()
    await clock.quiet()
    expect(endpoint.attempted().slice(4)).toEqual(['e1', 'a2'])
    endpoint.answer = () => delivered
    for (const attempt of endpoint.inFlight) attempt.end()
    for (let commits = 0; commits < 5; commits += 1) {
      sync()
      await clock.quiet()
    }
    expect(endpoint.attempted().slice(4).toSorted()).toEqual(['a2', 'b2', 'c2', 'd2', 'e1', 'e2'])
  })

  test('hurries the disk only when a slot is left for which nothing else is to be attempted', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const { dispatch, flushes, sync } = holdSettlements(ledger.dispatch)
    await enqueue(...['a', 'b', 'c'].map((orderingKey) => ({ id: `${orderingKey}1`, orderingKey })))
    await enqueue({ id: 'a2', orderingKey: 'a' })
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    const endOldest = (): void => {
      for (const attempt of [...endpoint.inFlight].slice(0, 1)) attempt.end()
    }
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })
    endOldest()
    await clock.quiet()
    // The slot of a1 is that of c1 now.
    expect(endpoint.attempted()).toEqual(['a1', 'b1', 'c1'])
    expect(flushes()).toBe(0)
    endOldest()
    await clock.quiet()
    // That of b1 could only be used by a2, which waits for the disk.
    expect(flushes()).toBe(1)
    for (const attempt of endpoint.inFlight) attempt.end()
    for (let commits = 0; commits < 3; commits += 1) {
      sync()
      await clock.quiet()
      for (const attempt of endpoint.inFlight) attempt.end()
      await clock.quiet()
    }
    expect(endpoint.attempted()).toEqual(['a1', 'b1', 'c1', 'a2'])
  })

  test('attempts what follows from a commit in its own context, whatever the commit was shared with', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const requests = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    const { attempt } = endpoint
    endpoint.attempt = (...given) => {
      seen.push(requests.getStore())
      return attempt(...given)
    }
    await enqueue('1', '2')
    await startOutbox({ endpoints: [endpoint] })
    for (const one of endpoint.inFlight) one.end()
    // The settlement is decided, and not handed to the ledger yet; so it comes along with what a request of the application writes.
    await new Promise<void>((done) => process.nextTick(done))
    await requests.run('a request', () => enqueue('3'))
    await clock.quiet()
    expect(seen).toEqual([undefined, undefined])
  })
})
