import { describe, expect, test } from 'vitest'
import { answered, createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const [second, hour] = [1000, 3_600_000]
const leaseInMs = 15 * second

describe('a ledger whose clock is set', () => {
  test('an hour back, lets waiting tasks go on within a heartbeat', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({
      retryScheduleInMs: [0, 2 * second],
      answer: ({ delivery }) => (delivery.tries === 0 ? answered(500) : delivered),
    })
    await startOutbox({ endpoints: [endpoint], leaseInMs })
    await enqueue('1', { id: 'later', orderingKey: 'later', delayInMs: 2 * second })
    clock.setLedgerClock(-hour)
    await clock.advance(leaseInMs / 3 + 2 * second)
    expect(endpoint.attempted().toSorted()).toEqual(['1', '1', 'later'])
  })

  test('back while no dispatcher ran, or forward and back between two looks, too', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await enqueue({ id: '1', orderingKey: '1', delayInMs: second })
    clock.setLedgerClock(-hour)
    await startOutbox({ endpoints: [endpoint], leaseInMs })
    await clock.advance(second)
    expect(endpoint.attempted()).toEqual(['1'])
    clock.setLedgerClock(hour)
    await enqueue({ id: '2', orderingKey: '2', delayInMs: second })
    clock.setLedgerClock(-hour)
    await clock.advance(62 * second)
    expect(endpoint.attempted()).toEqual(['1', '2'])
  })

  test('forward, attempts nothing in flight twice at once', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const [first, other] = [
      createTestEndpoint({ maxConcurrency: 100 }),
      createTestEndpoint({ answer: () => delivered }),
    ]
    await startOutbox({ endpoints: [first], leaseInMs })
    await enqueue(...Array.from({ length: 40 }, (_, index) => `${index}`))
    clock.setLedgerClock(40 * 24 * hour)
    await clock.advance(60 * second)
    expect(first.attempts).toHaveLength(40)
    await startOutbox({ endpoints: [other], leaseInMs })
    await clock.advance(second)
    expect(other.attempts).toEqual([])
    expect(first.inFlight.size).toBe(40)
  })
})
