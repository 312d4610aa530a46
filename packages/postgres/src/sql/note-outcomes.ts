import type { LedgerContext } from '../ledger-context.ts'

/** When an endpoint last took a delivery, and when an attempt last failed. */
export interface Outcomes {
  successAt?: number
  failureAt?: number
}

/** Notes the latest outcomes at endpoints. */
export function prepareNoteOutcomes({
  database: { schema, query },
}: LedgerContext): (outcomes: ReadonlyMap<string, Outcomes>) => Promise<void> {
  const text = `
    INSERT INTO ${schema}.endpoints AS endpoint (id, last_success_at, last_failure_at)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (id, success_at, failure_at) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
      last_success_at = greatest(excluded.last_success_at, endpoint.last_success_at),
      last_failure_at = greatest(excluded.last_failure_at, endpoint.last_failure_at)
  `
  return async (outcomes) => {
    const times = [...outcomes.values()]
    await query(text, [
      [...outcomes.keys()],
      times.map(({ successAt }) => successAt ?? null),
      times.map(({ failureAt }) => failureAt ?? null),
    ])
  }
}
