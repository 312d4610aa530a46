import { type EndpointListRequest, type EndpointRecord, toEndpointRecord } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** What is stored about endpoints, and what their deliveries amount to. */
export function prepareListEndpoints({
  database: { schema, query },
  now,
}: LedgerContext): (ids?: readonly string[], request?: EndpointListRequest) => Promise<EndpointRecord[]> {
  const count = (state: string): string => `(
    SELECT count(*) FROM (
      SELECT FROM ${schema}.deliveries AS delivery
      WHERE delivery.endpoint_id = ids.id AND delivery.state = '${state}' LIMIT $3
    ) AS counted
  )`
  const text = `
    -- One look at the index for each, where GROUP BY reads all that is pending.
    WITH RECURSIVE waiting (id) AS (
      (SELECT endpoint_id FROM ${schema}.deliveries WHERE state = 'pending' ORDER BY endpoint_id LIMIT 1)
      UNION ALL
      SELECT (
        SELECT endpoint_id FROM ${schema}.deliveries
        WHERE state = 'pending' AND endpoint_id > waiting.id ORDER BY endpoint_id LIMIT 1
      ) FROM waiting WHERE waiting.id IS NOT NULL
    ), ids (id) AS (
      SELECT id COLLATE "C" FROM unnest($1::text[]) AS given (id)
      UNION SELECT id FROM ${schema}.endpoints
      UNION SELECT endpoint_id FROM ${schema}.partitions
      UNION SELECT id FROM waiting WHERE id IS NOT NULL
    )
    SELECT ids.id, paused_reason AS "pausedReason", paused_at AS "pausedAt", circuit_since AS "circuitSince",
      circuit_until AS "circuitUntil", last_success_at AS "lastSuccessAt", last_failure_at AS "lastFailureAt",
      ${count('pending')} AS pending, ${count('exhausted')} AS exhausted, (
        SELECT accepted_at FROM ${schema}.deliveries AS delivery
        WHERE delivery.endpoint_id = ids.id AND delivery.state = 'pending' ORDER BY number LIMIT 1
      ) AS "oldestAcceptedAt",
      ${schema}.time_in_ms($2) AS now,
      EXISTS (
        SELECT FROM ${schema}.partitions AS known WHERE known.endpoint_id = ids.id AND known.owner IS NOT NULL
      ) AS "isOwned"
    FROM ids LEFT JOIN ${schema}.endpoints USING (id)
    ORDER BY ids.id
  `
  return async (ids = [], { countLimit } = {}) => {
    const rows = await query(text, [ids, now(), countLimit ?? null])
    return rows.map((row) => toEndpointRecord(row, Number(row['now'])))
  }
}
