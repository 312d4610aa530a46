import { minuteOf, outcomesKeptInMs } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** When an endpoint last took a delivery, when an attempt last failed, and how often since they were last written. */
export interface Outcomes {
  successAt?: number
  failureAt?: number
  delivered: number
  failed: number
}

/** Notes the latest outcomes at endpoints, counts them by the minute, and forgets the minutes that are old. */
export function prepareNoteOutcomes({
  database: { schema, query },
}: LedgerContext): (outcomes: ReadonlyMap<string, Outcomes>) => Promise<void> {
  const text = `
    WITH given AS (
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::integer[], $6::integer[])
        AS given (id, success_at, failure_at, minute, delivered, failed)
    ), counted AS (
      INSERT INTO ${schema}.outcomes AS outcome (minute, endpoint_id, delivered, failed)
      SELECT minute, id, delivered, failed FROM given ORDER BY minute, id
      ON CONFLICT (minute, endpoint_id) DO UPDATE SET
        delivered = outcome.delivered + excluded.delivered, failed = outcome.failed + excluded.failed
    ), forgotten AS (
      DELETE FROM ${schema}.outcomes WHERE minute < (SELECT max(minute) FROM given) - ${outcomesKeptInMs}
    )
    INSERT INTO ${schema}.endpoints AS endpoint (id, last_success_at, last_failure_at)
    SELECT id, success_at, failure_at FROM given ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
      last_success_at = greatest(excluded.last_success_at, endpoint.last_success_at),
      last_failure_at = greatest(excluded.last_failure_at, endpoint.last_failure_at)
  `
  return async (outcomes) => {
    const noted = [...outcomes.values()]
    await query(text, [
      [...outcomes.keys()],
      noted.map(({ successAt }) => successAt ?? null),
      noted.map(({ failureAt }) => failureAt ?? null),
      noted.map(({ successAt = 0, failureAt = 0 }) => minuteOf(Math.max(successAt, failureAt))),
      noted.map(({ delivered }) => delivered),
      noted.map(({ failed }) => failed),
    ])
  }
}
