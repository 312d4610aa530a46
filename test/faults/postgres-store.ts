import { Client } from 'pg'
import { startTestServer } from '@taskhook/postgres/testing'
import type { OutboxContent, OutboxStore } from './outbox-store.ts'

/** An outbox on a PostgreSQL server of its own, which goes with it. */
export interface PostgresStore extends OutboxStore {
  query(text: string): Promise<Record<string, unknown>[]>
  /** Stops the server, `immediate` as a crash would, and starts it again. */
  restart(mode: 'fast' | 'immediate'): Promise<void>
}

/** Starts a server that waits for the disk, as one does that nothing may be lost on. */
export async function createPostgresStore(): Promise<PostgresStore> {
  const server = await startTestServer({ isDurable: true, settings: fastRecovery })

  async function query(text: string): Promise<Record<string, unknown>[]> {
    const client = new Client(server.url)
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }

  return {
    url: server.url,
    query,
    async restart(mode) {
      await server.stop(mode)
      await server.start()
    },
    async inspect(): Promise<OutboxContent> {
      const states = await query(countStates)
      await query('CREATE EXTENSION IF NOT EXISTS amcheck')
      const problems = await query(findProblems).then(
        (rows) => rows.map(({ problem }) => String(problem)),
        (error: Error) => [error.message],
      )
      return {
        states: Object.fromEntries(states.map(({ state, count }) => [String(state), Number(count)])),
        integrity: problems.join('; ') || 'ok',
      }
    },
    [Symbol.asyncDispose]: () => server.remove(),
  }
}

// After a crash of its own it would open and sync each file of its directory: a second in which nothing works.
const fastRecovery = process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}

const countStates = `
  SELECT state, count(*) FROM taskhook.deliveries GROUP BY state
  UNION ALL
  SELECT 'delivered', count(*) FROM taskhook.delivered HAVING count(*) > 0
`

// An index that does not fit its table makes bt_index_check throw.
const findProblems = `
  WITH ours AS (SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = 'taskhook'::regnamespace)
  SELECT relname || ': ' || msg AS problem FROM ours CROSS JOIN LATERAL verify_heapam(oid) WHERE relkind = 'r'
  UNION ALL
  SELECT relname FROM ours WHERE relkind = 'i' AND bt_index_check(oid, heapallindexed => true)::text <> ''
  UNION ALL
  SELECT 'accepted twice: ' || endpoint_id || ' ' || idempotency_key
  FROM taskhook.delivered GROUP BY endpoint_id, idempotency_key HAVING count(*) > 1
`
