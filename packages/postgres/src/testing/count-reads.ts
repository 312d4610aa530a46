import type { Pool } from 'pg'

/**
 * How many entries of indexes and rows of whole tables an operation reads on a pool of one connection, those of dead rows included as
 * far as the server counts them.
 */
export async function countReads(
  pool: Pool,
  operation: () => Promise<unknown>,
  tables: readonly string[] = ['deliveries'],
): Promise<number> {
  if (pool.options.max !== 1) throw new Error('What is counted is what one connection reads.')
  const before = await count(pool, tables)
  await operation()
  return (await count(pool, tables)) - before
}

async function count(pool: Pool, tables: readonly string[]): Promise<number> {
  await pool.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ sum: string }>(
    `SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = ANY ($1))
      + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname = ANY ($1)) AS sum`,
    [tables],
  )
  return Number(rows[0]!.sum)
}
