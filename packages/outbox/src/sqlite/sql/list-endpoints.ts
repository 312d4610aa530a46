import type { EndpointRecord } from '../../ledger.ts'
import { toEndpointRecord } from '../../records/endpoint-record.ts'
import type { Context } from '../context.ts'

/** What is stored about endpoints, and what their pending deliveries amount to. */
export function prepareListEndpoints({
  database,
  now,
}: Context): (ids?: readonly string[]) => EndpointRecord[] {
  const list = database.prepare(`
    WITH ids (id) AS (SELECT value FROM json_each(?) UNION SELECT id FROM taskhook_endpoints)
    SELECT ids.id, paused_reason AS pausedReason, paused_at AS pausedAt, circuit_since AS circuitSince,
      circuit_until AS circuitUntil, last_success_at AS lastSuccessAt, last_failure_at AS lastFailureAt,
      EXISTS (
        SELECT 1 FROM taskhook_partitions AS owned WHERE owned.endpoint = endpoint.number AND owned.owner IS NOT NULL
      ) AS isOwned,
      (
        SELECT count(*) FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_backlog
        WHERE delivery.endpoint = endpoint.number AND delivery.state = 'pending'
      ) AS pending,
      (
        SELECT accepted_at FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_backlog
        WHERE delivery.endpoint = endpoint.number AND delivery.state = 'pending' ORDER BY delivery.number LIMIT 1
      ) AS oldestAcceptedAt
    FROM ids LEFT JOIN taskhook_endpoints AS endpoint ON endpoint.id = ids.id
    ORDER BY ids.id
  `)
  return (ids = []) => list.all(JSON.stringify(ids)).map((row) => toEndpointRecord(row, now()))
}
