import { describe, expect, test } from 'vitest'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const [minute, day] = [60_000, 24 * 3_600_000]

describe('a dispatcher', () => {
  test('deletes what was delivered longer ago than it is kept, and nothing before', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    await enqueue('1')
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await startOutbox({ endpoints: [endpoint], leaseInMs: day, retentionInMs: day })
    await clock.advance(day)
    expect(await ledger.operate.getDelivery('1')).toBeDefined()
    await clock.advance(minute)
    expect(await ledger.operate.getDelivery('1')).toBeUndefined()
  })

  test('deletes many in batches, and delivers in between', async () => {
    const { clock, enqueue, ledger, look, startOutbox } = openTestOutbox()
    await enqueue(...Array.from({ length: 1200 }, (_, index) => `${index}`))
    const endpoint = createTestEndpoint({ maxConcurrency: 500, answer: () => delivered })
    const first = await startOutbox({ endpoints: [endpoint], leaseInMs: day })
    await first.stop()
    await clock.advance(31 * day)
    await enqueue('new')
    const left = async () => (await ledger.operate.listDeliveries({}, { limit: 5000 })).deliveries.length
    await startOutbox({ endpoints: [endpoint], leaseInMs: day })
    expect(await left()).toBe(701)
    expect(await look('new')).toMatchObject({ state: 'delivered' })
    await clock.advance(50)
    expect(await left()).toBe(201)
    await clock.advance(50)
    expect(await left()).toBe(1)
  })
})
