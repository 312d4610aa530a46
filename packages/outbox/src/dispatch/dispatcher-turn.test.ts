import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { createOutbox } from '../create-outbox.ts'
import { delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'
import type { EndpointSpec } from './endpoint-spec.ts'

const second = 1000

/** An endpoint with transactions, of which SQLite has one at a time: the first attempt lasts until it is let go, the others wait. */
function createHandler() {
  const { promise: fetched, resolve: fetch } = Promise.withResolvers<void>()
  const attempted: string[] = []
  const endpoint: EndpointSpec<DatabaseSync> = {
    id: 'one',
    maxConcurrency: 4,
    retryScheduleInMs: [0, second],
    transaction: true,
    async attempt({ id }) {
      attempted.push(id)
      await fetched
      return delivered
    },
  }
  return { endpoint, attempted, fetch }
}

describe('an attempt that waits for its transaction', () => {
  // It waited for the transaction of the one before, and began when that ended.
  test('does not begin after a pause that came meanwhile', async () => {
    const { clock, enqueue, startOutbox, look } = openTestOutbox()
    const { endpoint, attempted, fetch } = createHandler()
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await enqueue('1', '2')
    await outbox.endpoints.pause('one')
    await clock.quiet()
    fetch()
    await clock.quiet()
    expect(attempted).toEqual(['1'])
    await outbox.endpoints.resume('one')
    await clock.quiet()
    expect(attempted).toEqual(['1', '2'])
    expect(await look('2')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  // It was attempted when its turn came, and ended as delivered.
  test.each(['this process', 'another process'])(
    'does not begin when %s has canceled its delivery',
    async (who) => {
      const { clock, ledger, enqueue, startOutbox, look } = openTestOutbox()
      const { endpoint, attempted, fetch } = createHandler()
      const outbox = await startOutbox({ endpoints: [endpoint] })
      await enqueue('1', { id: '2', orderingKey: 'two' }, { id: '3', orderingKey: 'two' })
      const { deliveries } = who === 'this process' ? outbox : createOutbox({ ledger })
      expect(await deliveries.cancel('2')).toBe(true)
      await clock.quiet()
      fetch()
      await clock.quiet()
      expect(attempted).toEqual(['1', '3'])
      expect(await look('2')).toMatchObject({ state: 'canceled', attemptCount: 0 })
      expect(await look('3')).toMatchObject({ state: 'delivered' })
    },
  )

  // It was attempted by the process that was giving its ordering key away, and the other one waited for that.
  test('is left to the process that its partition goes to', async () => {
    const { clock, enqueue, startOutbox, look } = openTestOutbox()
    const [first, next] = [createHandler(), createHandler()]
    const ids = ['1', '2', '3', '4']
    await startOutbox({ endpoints: [first.endpoint] })
    await enqueue(...ids)
    await startOutbox({ endpoints: [next.endpoint] })
    next.fetch()
    first.fetch()
    await clock.advance(second)
    expect(next.attempted).not.toEqual([])
    expect([...first.attempted, ...next.attempted].toSorted()).toEqual(ids)
    for (const id of ids) expect(await look(id)).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })
})
