import { describe, expect, test } from 'vitest'
import type { DispatchLedger } from '../ledger.ts'
import { newDeliveries } from '../testing/new-delivery.ts'
import { answered, createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const second = 1000
const ids = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** How often an operation of the ledger is called before anything else gets its turn of the event loop, at the most. */
function countCallsInATurn<T>(ledger: DispatchLedger<T>): {
  dispatch: DispatchLedger<T>
  most: () => number
} {
  let [count, most] = [0, 0]
  const dispatch = new Proxy(ledger, {
    get(target, name) {
      const value = target[name as keyof DispatchLedger]
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        if ((count += 1) === 1) setImmediate(() => (count = 0))
        most = Math.max(most, count)
        return (value as (...given: unknown[]) => unknown)(...given)
      }
    },
  })
  return { dispatch, most: () => most }
}

describe('a dispatcher', () => {
  test('lets a task with very many events slow no other, nor keep the thread', async () => {
    const { clock, ledger, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await ledger.enqueue(newDeliveries(ids(20_000, 'hot'), { orderingKey: 'hot' }))
    await ledger.enqueue(newDeliveries(ids(10, 'other')))
    const { dispatch, most } = countCallsInATurn(ledger.dispatch)
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })
    await clock.quiet()
    for (let count = 0; count < 10; count += 1) {
      ;[...endpoint.inFlight].find(({ delivery }) => delivery.orderingKey !== 'hot')!.end()
      await clock.quiet()
    }
    expect(endpoint.attempted().filter((id) => id.startsWith('other'))).toEqual(ids(10, 'other'))
    expect(endpoint.attempted().filter((id) => id.startsWith('hot'))).toEqual(['hot0'])
    expect(most()).toBeLessThanOrEqual(6)
    // And its own events go on in order, beyond what is kept in memory.
    for (let count = 0; count < 50; count += 1) {
      ;[...endpoint.inFlight][0]!.end()
      await clock.quiet()
    }
    expect(endpoint.attempted().filter((id) => id.startsWith('hot'))).toEqual(ids(51, 'hot'))
  })

  test('reads very much that is new without keeping the thread', async () => {
    const { clock, ledger, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    const { dispatch, most } = countCallsInATurn(ledger.dispatch)
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })
    await ledger.enqueue(newDeliveries(ids(10_000, 'hot'), { orderingKey: 'hot' }))
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['hot0'])
    expect(most()).toBeLessThanOrEqual(6)
  })

  test('lets very many tasks that wait for a retry slow no new one', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({
      maxConcurrency: 50,
      retryScheduleInMs: [0, 3600 * second, 3600 * second],
      answer: ({ delivery }) => (delivery.id.startsWith('bad') ? answered(404) : delivered),
    })
    await ledger.enqueue(newDeliveries(ids(5000, 'bad')))
    await startOutbox({ endpoints: [endpoint], leaseInMs: 3600 * second })
    await clock.quiet()
    expect(endpoint.attempts).toHaveLength(5000)
    await enqueue('new')
    expect(endpoint.attempted().at(-1)).toBe('new')
    // All fall due at once: what is new is attempted in between.
    endpoint.answer = undefined
    await clock.advance(3600 * second)
    await enqueue(...ids(10, 'fresh'))
    for (let count = 0; count < 25; count += 1) {
      ;[...endpoint.inFlight][0]!.end()
      await clock.quiet()
    }
    expect(endpoint.attempted().filter((id) => id.startsWith('fresh'))).toEqual(ids(10, 'fresh'))
  })

  test('asks the ledger no more for a thousand endpoints that are idle than for one', async () => {
    expect(await countCalls(1000)).toBe(await countCalls(1))
  })
})

async function countCalls(endpointCount: number): Promise<number> {
  const { clock, enqueue, startOutbox } = openTestOutbox()
  const endpoints = ids(endpointCount).map((id) => createTestEndpoint({ id, answer: () => delivered }))
  await startOutbox({ endpoints })
  const count = () => [...clock.calls.values()].reduce((sum, each) => sum + each, 0)
  const before = count()
  await clock.advance(60 * second)
  for (const id of ids(50)) await enqueue({ id, endpointId: '0', orderingKey: id })
  return count() - before
}
