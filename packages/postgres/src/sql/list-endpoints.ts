import {
  type EndpointListRequest,
  type EndpointRecord,
  heldWaitInMs,
  toEndpointRecord,
} from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** The stored state of endpoints, and the counts of their deliveries. */
export function prepareListEndpoints({
  database: { schema, query },
  now,
}: LedgerContext): (ids?: readonly string[], request?: EndpointListRequest) => Promise<EndpointRecord[]> {
  const select = (condition: string): string => `
    SELECT FROM ${schema}.deliveries AS delivery WHERE delivery.endpoint_id = ids.id AND ${condition}
  `
  const count = (condition: string): string =>
    `(SELECT count(*) FROM (${select(condition)} LIMIT $3) AS counted)`
  const isPending = "delivery.state = 'pending'"
  const isHeld = `${isPending} AND delivery.ready_at >= ${heldWaitInMs}`
  const isNotHeld = `${isPending} AND coalesce(delivery.ready_at, 0) < ${heldWaitInMs}`
  // The index alone tells how many are pending. Where some are held, each has to be looked at.
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
      CASE WHEN EXISTS (${select(isHeld)}) THEN ${count(isNotHeld)} ELSE ${count(isPending)} END AS pending,
      ${count(isHeld)} AS held, ${count("delivery.state = 'exhausted'")} AS exhausted, (
        SELECT accepted_at FROM ${schema}.deliveries AS delivery
        WHERE delivery.endpoint_id = ids.id AND ${isNotHeld} ORDER BY number LIMIT 1
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
