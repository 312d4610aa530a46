import { OutboxError } from '@taskhook/outbox'
import type { Database } from '../connection/database.ts'
import { createFunctions } from './functions.ts'
import type { PostgresConnection } from '../connection/postgres-client.ts'
import { isMissing } from '../connection/postgres-error.ts'
import { nameOf } from './schema-name.ts'
import { createTables } from './tables.ts'

/**
 * The tables, one step a version; a step that was released is never changed. A version that changes only a function has an
 * empty step.
 */
const migrations: readonly ((schema: string) => string)[] = [createTables]

const newest = migrations.length

/**
 * Brings the schema to the newest version, in one transaction, and one machine at a time. When it is there already, nothing is
 * written, so that a role that cannot make tables can start.
 *
 * @returns The id of the ledger.
 * @throws OutboxError `ledger_newer` when a newer version of this package has been there; `ledger_missing` when it is not at the newest
 * version and nothing is to be made.
 */
export async function migrate(
  { schema, borrow }: Database,
  { create, partitionInMs }: { create: boolean; partitionInMs: number },
): Promise<string> {
  return borrow(async (connection) => {
    const found = await findLedger(connection, schema)
    if (found?.version === newest) return found.id
    if (!create) throw missing(schema, found?.version)

    await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED')
    try {
      // Of the transaction, so that it works through a pooler that lends connections by the transaction.
      await connection.query(`SELECT pg_advisory_xact_lock(hashtextextended('${schema} migration', 0))`)
      const id = await migrateWithin(connection, schema, partitionInMs)
      await connection.query('COMMIT')
      return id
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => {})
      throw error
    }
  })
}

async function migrateWithin(
  connection: PostgresConnection,
  schema: string,
  partitionInMs: number,
): Promise<string> {
  // Asked first, since CREATE SCHEMA IF NOT EXISTS needs the right to create one even when it is there.
  const { rows } = await connection.query('SELECT FROM pg_namespace WHERE nspname = $1', [nameOf(schema)])
  if (rows.length === 0) await connection.query(`CREATE SCHEMA ${schema}`)
  const exists = await connection.query('SELECT to_regclass($1) IS NOT NULL AS is_there', [
    `${schema}.ledger`,
  ])
  const before = exists.rows[0]?.['is_there'] === true ? await findLedger(connection, schema) : undefined
  // Another machine was faster.
  if (before?.version === newest) return before.id

  for (const step of migrations.slice(before?.version ?? 0)) await connection.query(step(schema))
  if (before === undefined) {
    await connection.query(`INSERT INTO ${schema}.ledger (version, partition_in_ms) VALUES (0, $1)`, [
      partitionInMs,
    ])
  }
  await connection.query(createFunctions(schema))
  await connection.query(`UPDATE ${schema}.ledger SET version = $1`, [newest])
  return (await findLedger(connection, schema))!.id
}

function missing(schema: string, version: number | undefined): OutboxError {
  const what =
    version === undefined
      ? `the schema ${schema} of the database has no tables of taskhook`
      : `the ledger has schema version ${version}, this package needs ${newest}`
  return new OutboxError('ledger_missing', `${what}: "taskhook migrate" makes them`)
}

/** The ledger that is there, if one is. */
async function findLedger(
  connection: PostgresConnection,
  schema: string,
): Promise<{ version: number; id: string } | undefined> {
  try {
    const { rows } = await connection.query(`SELECT version, id FROM ${schema}.ledger`)
    const version = Number(rows[0]?.['version'])
    if (version > newest) {
      throw new OutboxError(
        'ledger_newer',
        `the ledger has schema version ${version}, this package knows up to ${newest}: update it`,
      )
    }
    return { version, id: String(rows[0]?.['id']) }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
