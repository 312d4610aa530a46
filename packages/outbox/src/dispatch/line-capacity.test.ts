import { expect, test } from 'vitest'
import type { DueRequest } from '../ledger.ts'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'
import { lineCapacity } from './line-capacity.ts'

test.each([
  [1, 1, 256],
  [400, 1, 800],
  [1, 200, 100],
  [60, 200, 120],
  [1, 0, 256],
])('with %i at once, one of %i endpoints keeps %i lines', (maxConcurrency, endpointCount, lines) => {
  expect(lineCapacity(maxConcurrency, endpointCount)).toBe(lines)
})

// It kept as many as it was first configured for, so that a larger number had no effect.
test('as many are attempted at once as it is configured for later', async () => {
  const { clock, enqueue, startOutbox } = openTestOutbox()
  await enqueue(...Array.from({ length: 600 }, (_, index) => `task ${index}`))
  const outbox = await startOutbox({ endpoints: [createTestEndpoint({ maxConcurrency: 1 })] })
  const larger = createTestEndpoint({ maxConcurrency: 400 })
  await outbox.configure([larger])
  await clock.advance(1000)
  expect(larger.inFlight.size).toBeGreaterThan(390)
})

// Those for which there was no room were passed, and waited until something else had what is due read again.
test('what falls due is attempted when there is room for less than when its read began', async () => {
  const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
  const ids = Array.from({ length: 600 }, (_, index) => `task ${index}`)
  await enqueue(...ids.map((id) => ({ id, orderingKey: id, delayInMs: 1000 })))
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const dispatch = {
    ...ledger.dispatch,
    async readDue(request: DueRequest) {
      const read = await ledger.dispatch.readDue(request)
      if (read.deliveries.length > 0) await answered
      return read
    },
  }
  const outbox = await startOutbox({
    ledger: { ...ledger, dispatch },
    endpoints: [createTestEndpoint({ maxConcurrency: 400 })],
  })
  await clock.advance(2000)
  const smaller = createTestEndpoint({ maxConcurrency: 100, answer: () => delivered })
  await outbox.configure([smaller])
  answer()
  await clock.advance(10_000)
  expect(smaller.attempted().toSorted()).toEqual(ids.toSorted())
})
