import type { LedgerContext } from '../ledger-context.ts'

/**
 * A text that is another one after something was accepted, attempted or decided. Accepting and resending give a new number, which is
 * visible until it is delivered; attempts are noted at their endpoint, within a second; decisions raise the revision.
 */
export function prepareReadVersion({ database: { schema, query } }: LedgerContext): () => Promise<string> {
  const text = `
    SELECT concat_ws('.', generation, revision,
      (SELECT max(number) FROM ${schema}.deliveries),
      (SELECT concat_ws('.', sum(last_success_at), sum(last_failure_at)) FROM ${schema}.endpoints)
    ) AS version
    FROM ${schema}.versions
  `
  return async () => String((await query(text))[0]?.['version'])
}
