import { type EndpointControl, toEndpointControl } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** What was decided about endpoints, or about their pending deliveries, after a revision. */
export function prepareReadEndpoints({
  database: { schema, query },
  now,
}: LedgerContext): (sinceRevision: number) => Promise<EndpointControl[]> {
  const text = `
    SELECT id, revision, paused_reason AS "pausedReason", circuit_until AS "circuitUntil", circuit_openings AS "circuitOpenings",
      ${schema}.time_in_ms($2) AS now
    FROM ${schema}.endpoints WHERE revision > $1 ORDER BY id
  `
  return async (sinceRevision) => {
    const rows = await query(text, [sinceRevision, now()])
    return rows.map((row) => toEndpointControl(row, Number(row['now'])))
  }
}
