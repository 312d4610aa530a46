import { randomUUID } from 'node:crypto'
import type { Ledger } from '@taskhook/outbox/ledger'
import type { ModelStore, TestClock } from '@taskhook/outbox/testing'
import { Pool } from 'pg'
import type { PostgresClient } from '../connection/postgres-client.ts'
import { postgresLedger } from '../postgres-ledger.ts'
import type { TestDatabase } from './test-database.ts'

// Half of them are for the transactions of attempts, of which four are under way at once: so none waits for another.
const maxConnections = 10

/** A schema of its own, for the model of dispatchers: under the names of SQLite, views show what that looks at. */
export async function createPostgresModelStore(
  database: TestDatabase,
  time: TestClock,
): Promise<ModelStore<PostgresClient>> {
  const schema = database.createSchema()
  const pools = new Map<Ledger<PostgresClient>, { pool: Pool; name: string }>()
  const looking = new Pool({ connectionString: database.server.url, options: `-c search_path=${schema}` })
  looking.on('error', () => {})
  const killed = new Set<Ledger<PostgresClient>>()
  let isPrepared = false

  async function open(): Promise<Ledger<PostgresClient>> {
    const name = randomUUID()
    const pool = new Pool({
      connectionString: database.server.url,
      max: maxConnections,
      application_name: name,
    })
    pool.on('error', () => {})
    const ledger = await postgresLedger({ pool, schema, now: time.ledgerNow })
    if (!isPrepared) await looking.query(views)
    isPrepared = true
    const begin = ledger.dispatch.begin.bind(ledger.dispatch)
    const watched = time.watch(ledger)
    // What takes real time here, and is none of the operations that the clock waits for.
    watched.dispatch.begin = (signal) =>
      time.whileUnderWay(
        begin(signal).then((transaction) => ({
          ...transaction,
          commit: (...given) => time.whileUnderWay(transaction.commit(...given)),
          rollBack: (...given) => time.whileUnderWay(transaction.rollBack(...given)),
        })),
      )
    const close = watched.close.bind(watched)
    watched.close = async () => {
      // Nothing ends what a process that was killed has begun, so its pool would wait for that.
      if (!killed.has(watched)) {
        await close()
        await pool.end()
      }
      pools.delete(watched)
      if (pools.size === 0) await looking.end()
    }
    pools.set(watched, { pool, name })
    return watched
  }

  return {
    open,
    async kill(ledger) {
      killed.add(ledger)
      await looking.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
        [pools.get(ledger)?.name],
      )
    },
    async query(text, ...values) {
      let count = 0
      const { rows } = await looking.query(
        text.replaceAll('?', () => `$${(count += 1)}`),
        [...values],
      )
      return rows as Record<string, unknown>[]
    },
    async writeEffect(transaction, number) {
      await transaction.query(`INSERT INTO ${schema}.effects VALUES ($1)`, [number])
    },
  }
}

const views = `
  CREATE TABLE effects (number bigint NOT NULL);
  CREATE VIEW taskhook_deliveries AS
    SELECT number, id, state, tries, ready_at, ordering_key AS line, last_error_code FROM deliveries
    UNION ALL
    SELECT number, id, 'delivered', NULL, NULL, ordering_key, last_error_code FROM delivered;
  CREATE VIEW taskhook_dispatchers AS SELECT dispatcher_id AS id FROM beats;
  CREATE VIEW taskhook_partitions AS SELECT partition, owner FROM partitions;
`
