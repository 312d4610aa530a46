import { expect, test } from 'vitest'
import { createTestEndpoint } from '../testing/test-endpoint.ts'
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
