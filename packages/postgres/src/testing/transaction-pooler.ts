import type { Pool, PoolClient } from 'pg'
import type { PostgresConnection, PostgresPool } from '../connection/postgres-client.ts'

/**
 * What an application gets from a pooler that lends connections by the transaction, such as PgBouncer: each transaction, and each
 * statement without one, has another connection than the one before, and that forgets its session at the end. Nothing tells
 * of notifications.
 */
export function createTransactionPooler(servers: readonly Pool[]): PostgresPool {
  let turn = 0

  async function connect(): Promise<PostgresConnection> {
    let lent: PoolClient | undefined
    let last: Promise<unknown> = Promise.resolve()

    async function run(text: string, values?: unknown[]) {
      const server = (lent ??= await servers[(turn += 1) % servers.length]!.connect())
      try {
        return await server.query<Record<string, unknown>>(text, values)
      } finally {
        if (server.getTransactionStatus() === 'I') {
          lent = undefined
          await server.query('DISCARD ALL')
          server.release()
        }
      }
    }

    return {
      query(text, values) {
        const result = last.then(() => run(text, values))
        last = result.catch(() => {})
        return result
      },
      getTransactionStatus: () => lent?.getTransactionStatus() ?? 'I',
      on: () => {},
      removeListener: () => {},
      release() {
        lent?.release(true)
        lent = undefined
      },
    }
  }

  return { connect }
}
