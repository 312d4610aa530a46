import { expect, test } from 'vitest'
import { maxConcurrency } from './fault-setup.ts'
import { runKills } from './run-kills.ts'
import { sound } from './sound-run.ts'

test('nothing is lost, out of order or repeated without a reason when the sender is killed', async () => {
  const result = await runKills({ kills: 5, seed: 20_261_124 })
  expect(result).toMatchObject({ ...sound, integrity: 'ok', states: { delivered: result.deliveries } })
  expect(Object.keys(result.states)).toEqual(['delivered'])
  expect(result.deliveries).toBeGreaterThan(500)
  // At one endpoint, what was in flight: a slot is not used again before the outcome of its attempt is written.
  expect(result.mostLeftBehind).toBeLessThanOrEqual(maxConcurrency)
})
