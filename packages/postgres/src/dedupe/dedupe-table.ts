import type { Database } from '../connection/database.ts'
import { nameOf } from '../schema/schema-name.ts'

/**
 * Makes the table when it is not there. When it is, nothing is written, so that a role that cannot make tables can start.
 *
 * @throws OutboxError
 */
export async function createDedupeTable({ schema, query, borrow }: Database): Promise<void> {
  const table = `${schema}.dedupe`
  const [found] = await query('SELECT to_regclass($1) IS NOT NULL AS is_there', [table])
  if (found?.['is_there'] === true) return
  await borrow(async (connection) => {
    await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED')
    try {
      // One process at a time: two that create a schema or a table at once fail, even with IF NOT EXISTS. Of the transaction, so that
      // it works through a pooler that lends connections by the transaction.
      await connection.query(`SELECT pg_advisory_xact_lock(hashtextextended('${schema} dedupe', 0))`)
      // Asked first, since CREATE SCHEMA IF NOT EXISTS needs the right to create one even when it is there.
      const { rows } = await connection.query('SELECT FROM pg_namespace WHERE nspname = $1', [nameOf(schema)])
      if (rows.length === 0) await connection.query(`CREATE SCHEMA ${schema}`)
      await connection.query(`
        CREATE TABLE IF NOT EXISTS ${table} (
          -- Compared as bytes: that is faster, and no upgrade of the system changes their order.
          id text COLLATE "C" PRIMARY KEY,
          -- The claim that has the id; NULL when it is done.
          owner uuid,
          -- By the database's time, in milliseconds since 1970: when the claim ends, and when the row may be deleted.
          ends_at bigint NOT NULL,
          keep_until bigint NOT NULL
        )
      `)
      await connection.query(`CREATE INDEX IF NOT EXISTS dedupe_keep_until ON ${table} (keep_until)`)
      await connection.query('COMMIT')
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => {})
      throw error
    }
  })
}
