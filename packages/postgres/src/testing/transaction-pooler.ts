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
    let isReleased = false
    let last: Promise<unknown> = Promise.resolve()

    async function run(text: string, values?: unknown[]) {
      const server = (lent ??= await servers[(turn += 1) % servers.length]!.connect())
      if (isReleased) {
        release()
        throw new Error('the connection was given back')
      }
      try {
        return await server.query<Record<string, unknown>>(text, values)
      } finally {
        if (!isReleased && server.getTransactionStatus() === 'I') {
          lent = undefined
          await server.query('DISCARD ALL')
          server.release()
        }
      }
    }

    // As a pooler does whose client is gone: what was under way is rolled back.
    function release(): void {
      isReleased = true
      lent?.release(true)
      lent = undefined
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
      release,
    }
  }

  return { connect }
}
