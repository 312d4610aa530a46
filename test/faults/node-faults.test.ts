import { expect, test } from 'vitest'
import { maxConcurrency } from './fault-setup.ts'
import { runNodeFaults } from './run-node-faults.ts'
import { sound } from './sound-run.ts'

test('three nodes on one PostgreSQL lose nothing and keep the order, while they are killed, stall, and the server restarts', async () => {
  const result = await runNodeFaults({ kills: 6, seed: 20_261_124 })
  expect(result).toMatchObject({ ...sound, integrity: 'ok', states: { delivered: result.deliveries } })
  expect(Object.keys(result.states)).toEqual(['delivered'])
  expect(result).toMatchObject({ stalls: 1, restarts: 2 })
  expect(result.deliveries).toBeGreaterThan(500)
  // While the server was away, and they all went on from it.
  expect(result.refusals['ledger_unavailable']).toBeGreaterThan(0)
  // At one endpoint, what was in flight: a slot is not used again before the outcome of its attempt is written.
  expect(result.mostLeftBehind).toBeLessThanOrEqual(maxConcurrency)
}, 60_000)
