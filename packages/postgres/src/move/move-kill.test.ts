import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sqliteLedger } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import type { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newDelivery } from '@taskhook/outbox/testing'
import { createTestOutbox, readEverything, readFile, timeOfMove, type Everything } from './testing-move.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()
const mover = fileURLToPath(new URL('../testing/move-process.ts', import.meta.url))

function startMove(file: string, schema: string): ChildProcess {
  const args = ['--conditions=taskhook-source', mover, file, database.server.url, schema]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function countBackends(client: Client, condition: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'taskhook' AND ${condition}`,
  )
  return Number(rows[0]?.count)
}

interface KilledMove {
  schema: string
  file: string
  ledger: Ledger
  before: Everything
  /** Lets what the move waits for go. */
  release: () => Promise<void>
  observer: Client
}

const whileItCommits = 'SELECT pg_advisory_xact_lock(1)'

// What the move waits for when it is killed: a lock that the test holds.
const moments: [moment: string, isThere: boolean, lock: (schema: string) => string][] = [
  [
    'before it writes, with the file locked',
    false,
    (schema) => `SELECT pg_advisory_xact_lock(hashtextextended('"${schema}" move', 0))`,
  ],
  ['at its first deliveries', false, (schema) => `LOCK TABLE ${schema}.idempotency_keys`],
  ['after its last deliveries', false, (schema) => `LOCK TABLE ${schema}.endpoints`],
  // PostgreSQL goes on without it.
  ['while it commits', true, () => whileItCommits],
]

async function killMove(lock: (schema: string) => string): Promise<KilledMove> {
  const schema = database.createSchema()
  const ledger = await database.open({ schema, now: () => timeOfMove, listen: false })
  const file = await createTestOutbox()
  const source = sqliteLedger({ file })
  // More than are written at a time.
  const ids = Array.from({ length: 1100 }, (_, index) => `n${index}`)
  await source.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id })))
  await source.close()
  const before = await readFile(file)

  const observer = await database.connect()
  await observer.query(`
    CREATE FUNCTION ${schema}.wait() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON ${schema}.endpoints DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION ${schema}.wait();
  `)
  // Else the lock that guards their making is one more that keeps two moves apart.
  for (const { delivery } of before.deliveries) {
    if (delivery.state === 'delivered')
      await observer.query(`SELECT ${schema}.ensure_day($1)`, [delivery.settledAt])
  }
  const holder = await database.connect()
  await holder.query('BEGIN')
  await holder.query(lock(schema))
  const child = startMove(file, schema)
  await untilWaiting(observer, 1)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return {
    schema,
    file,
    ledger,
    before,
    observer,
    release: async () => void (await holder.query('ROLLBACK')),
  }
}

async function untilWaiting(observer: Client, count: number): Promise<void> {
  const waiting = () => countBackends(observer, `wait_event_type = 'Lock'`)
  await expect.poll(waiting, { interval: 10, timeout: 20_000 }).toBe(count)
}

async function exitCodeOf(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'exit')
  return code
}

describe('a move that is killed', () => {
  test.each(moments)('%s, and is run again, moves everything once', async (_moment, isThere, lock) => {
    const { schema, file, ledger, before, observer, release } = await killMove(lock)
    await release()
    const busy = () => countBackends(observer, `state <> 'idle'`)
    await expect.poll(busy, { interval: 10, timeout: 20_000 }).toBe(0)
    expect(await readFile(file)).toEqual(before)
    expect((await readEverything(ledger)).deliveries).toEqual(isThere ? before.deliveries : [])

    expect(await exitCodeOf(startMove(file, schema))).toBe(0)
    expect(await readEverything(ledger)).toEqual(before)
    expect(() => sqliteLedger({ file })).toThrow(/taskhook_endpoints|moved to PostgreSQL/)
  })

  test('while it commits, and is run again before that has ended, moves everything once', async () => {
    const { schema, file, ledger, before, observer, release } = await killMove(() => whileItCommits)
    const second = startMove(file, schema)
    await untilWaiting(observer, 2)
    await release()
    expect(await exitCodeOf(second)).toBe(0)
    expect(await readEverything(ledger)).toEqual(before)
  })
})
