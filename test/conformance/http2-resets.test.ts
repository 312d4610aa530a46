import { memoryDedupe } from '@taskhook/core'
import { expect, test } from 'vitest'
import { runResets } from '../faults/receivers/run-resets.ts'

const deliveries = 1_000

// A reset stream counted as a success, and what failed was never sent again; a reset before the claim left a delivery in
// progress for seven days.
test('1,000 deliveries over HTTP/2, of which three in ten are reset: each is handled, and once', async () => {
  const { resets, failures, ...faults } = await runResets({ deliveries, seed: 1, dedupe: memoryDedupe() })
  expect(resets).toBeGreaterThan(0.28 * deliveries)
  expect(failures).toBeGreaterThan(0)
  expect(faults).toEqual({ lost: [], twice: [], stuck: [] })
})
