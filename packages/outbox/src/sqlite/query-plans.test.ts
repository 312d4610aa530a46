import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { DeliveryFilter } from '../ledger.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { openTestLedger } from '../testing/test-sqlite.ts'

/** The statements about deliveries that are prepared while something runs. */
async function collectStatements(
  run: () => Promise<void>,
): Promise<{ sql: string; database: DatabaseSync }[]> {
  const spy = vi.spyOn(DatabaseSync.prototype, 'prepare')
  onTestFinished(() => spy.mockRestore())
  await run()
  const statements = spy.mock.calls.map(([sql], index) => ({
    sql,
    database: spy.mock.contexts[index] as DatabaseSync,
  }))
  spy.mockRestore()
  return statements.filter(({ sql }) => /taskhook_deliveries/.test(sql) && /SELECT|UPDATE|DELETE/.test(sql))
}

function explain({ sql, database }: { sql: string; database: DatabaseSync }): string[] {
  const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
  return rows.map(({ detail }) => String(detail))
}

const scans = /SCAN (delivery|earlier|taskhook_deliveries)/

test('no statement scans deliveries: what is finished costs nothing', async () => {
  const statements = await collectStatements(async () => void openTestLedger())
  expect(statements.length).toBeGreaterThan(15)
  const steps = statements.flatMap(explain)
  expect(steps.filter((step) => scans.test(step))).toEqual([])
  // What is new is read from the table itself, past a number, and so passes over what is finished once; nothing else is.
  expect(steps.filter((step) => /rowid>/.test(step) && !/INDEX/.test(step))).toHaveLength(1)
})

test.each<[filter: DeliveryFilter, index: string]>([
  [{ state: 'pending' }, 'taskhook_deliveries_backlog'],
  [{ state: 'pending', endpointId: 'one' }, 'taskhook_deliveries_backlog'],
  [{ state: 'exhausted' }, 'taskhook_deliveries_unsuccessful'],
  [{ state: 'canceled', endpointId: 'one' }, 'taskhook_deliveries_unsuccessful'],
  [{ orderingKey: 'a' }, 'taskhook_deliveries_history'],
  [{ orderingKey: 'a', endpointId: 'one', state: 'delivered' }, 'taskhook_deliveries_history'],
])('the list of %j is found by an index', async (filter, index) => {
  const ledger = openTestLedger()
  await ledger.enqueue([newDelivery('1')])
  const statements = await collectStatements(
    async () => void (await ledger.operate.listDeliveries(filter, { limit: 10 })),
  )
  expect(statements).toHaveLength(1)
  const plan = explain(statements[0]!)
  expect(plan[0]).toContain(`SEARCH delivery USING INDEX ${index}`)
  expect(plan.join()).not.toMatch(/SCAN|TEMP B-TREE/)
})

test('what is held is found by its time, whatever else is pending', async () => {
  const ledger = openTestLedger()
  await ledger.enqueue([newDelivery('1')])
  const statements = await collectStatements(
    async () => void (await ledger.operate.listDeliveries({ state: 'held' }, { limit: 10 })),
  )
  const [step] = explain(statements[0]!)
  expect(step).toMatch(/USING INDEX taskhook_deliveries_waiting \(endpoint=\? AND ready_at>\?/)
})
