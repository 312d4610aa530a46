import type { EndpointListRequest, EndpointRecord } from '../../ledger.ts'
import { toEndpointRecord } from '../../records/endpoint-record.ts'
import type { Context } from '../context.ts'

/** What is stored about endpoints, and what their deliveries amount to. */
export function prepareListEndpoints({
  database,
  now,
}: Context): (ids?: readonly string[], request?: EndpointListRequest) => EndpointRecord[] {
  const list = database.prepare(`
    WITH ids (id) AS (SELECT value FROM json_each(?) UNION SELECT id FROM taskhook_endpoints)
    SELECT ids.id, paused_reason AS pausedReason, paused_at AS pausedAt, circuit_since AS circuitSince,
      circuit_until AS circuitUntil, last_success_at AS lastSuccessAt, last_failure_at AS lastFailureAt,
      EXISTS (
        SELECT 1 FROM taskhook_partitions AS owned WHERE owned.endpoint = endpoint.number AND owned.owner IS NOT NULL
      ) AS isOwned,
      (
        SELECT count(*) FROM (
          SELECT 1 FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_backlog
          WHERE delivery.endpoint = endpoint.number AND delivery.state = 'pending' LIMIT ?2
        )
      ) AS pending,
      (
        SELECT accepted_at FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_backlog
        WHERE delivery.endpoint = endpoint.number AND delivery.state = 'pending' ORDER BY delivery.number LIMIT 1
      ) AS oldestAcceptedAt,
      (
        SELECT count(*) FROM (
          SELECT 1 FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_unsuccessful
          WHERE delivery.state = 'exhausted' AND delivery.endpoint = endpoint.number
            AND delivery.state IN ('exhausted', 'canceled') LIMIT ?2
        )
      ) AS exhausted
    FROM ids LEFT JOIN taskhook_endpoints AS endpoint ON endpoint.id = ids.id
    ORDER BY ids.id
  `)
  return (ids = [], { countLimit = -1 } = {}) =>
    list.all(JSON.stringify(ids), countLimit).map((row) => toEndpointRecord(row, now()))
}
