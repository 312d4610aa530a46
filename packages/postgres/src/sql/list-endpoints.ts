import { type EndpointRecord, toEndpointRecord } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** What is stored about endpoints, and what their deliveries amount to. */
export function prepareListEndpoints({
  database: { schema, query },
  now,
}: LedgerContext): (ids?: readonly string[]) => Promise<EndpointRecord[]> {
  const text = `
    WITH pending (id, count, oldest) AS MATERIALIZED (
      SELECT endpoint_id, count(*), min(number) FROM ${schema}.deliveries WHERE state = 'pending' GROUP BY endpoint_id
    ), ids (id) AS (
      SELECT id COLLATE "C" FROM unnest($1::text[]) AS given (id)
      UNION SELECT id FROM ${schema}.endpoints
      UNION SELECT endpoint_id FROM ${schema}.partitions
      UNION SELECT id FROM pending
    )
    SELECT ids.id, paused_reason AS "pausedReason", paused_at AS "pausedAt", circuit_since AS "circuitSince",
      circuit_until AS "circuitUntil", last_success_at AS "lastSuccessAt", last_failure_at AS "lastFailureAt",
      pending.count AS pending, oldest.accepted_at AS "oldestAcceptedAt", ${schema}.time_in_ms($2) AS now,
      EXISTS (
        SELECT FROM ${schema}.partitions AS known WHERE known.endpoint_id = ids.id AND known.owner IS NOT NULL
      ) AS "isOwned"
    FROM ids
    LEFT JOIN ${schema}.endpoints USING (id)
    LEFT JOIN pending USING (id)
    LEFT JOIN ${schema}.deliveries AS oldest ON oldest.number = pending.oldest
    ORDER BY ids.id
  `
  return async (ids = []) => {
    const rows = await query(text, [ids, now()])
    return rows.map((row) => toEndpointRecord(row, Number(row['now'])))
  }
}
