import { vi } from 'vitest'
import type { PostgresClient } from '../connection/postgres-client.ts'

/** Waits for something that real servers bring about; long enough for a machine that is busy with other things. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 20 })
}

/** Whether a statement waits for a lock on a table of the schema; without one, for an advisory lock. */
export async function isWaitingForLock(
  connection: PostgresClient,
  schema: string | undefined,
): Promise<boolean> {
  const { rows } = await connection.query(
    `SELECT FROM pg_locks LEFT JOIN pg_class ON pg_class.oid = relation
    WHERE NOT granted AND CASE WHEN $1::text IS NULL THEN locktype = 'advisory' ELSE relnamespace = to_regnamespace($1) END`,
    [schema ?? null],
  )
  return rows.length > 0
}
