import type { LedgerContext } from '../ledger-context.ts'

/** The time of the database, in milliseconds since 1970. */
export function prepareReadTime({ database: { schema, query }, now }: LedgerContext): () => Promise<number> {
  const text = `SELECT ${schema}.time_in_ms($1) AS now`
  return async () => Number((await query(text, [now()]))[0]?.['now'])
}
