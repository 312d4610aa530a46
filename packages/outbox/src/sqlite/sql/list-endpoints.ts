import type { EndpointListRequest, EndpointRecord } from '../../ledger.ts'
import { toEndpointRecord } from '../../records/endpoint-record.ts'
import { heldWaitInMs } from '../../records/held.ts'
import type { Context } from '../context.ts'

/** The stored state of endpoints, and the counts of their deliveries. */
export function prepareListEndpoints({
  database,
  now,
}: Context): (ids?: readonly string[], request?: EndpointListRequest) => EndpointRecord[] {
  const isHeld = `delivery.endpoint = endpoint.number AND delivery.state = 'pending' AND delivery.ready_at >= ${heldWaitInMs}`
  const isNotHeld = `ifnull(delivery.ready_at, 0) < ${heldWaitInMs}`
  const held = `SELECT 1 FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_waiting WHERE ${isHeld}`
  const pending = `
    SELECT 1 FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_backlog
    WHERE delivery.endpoint = endpoint.number AND delivery.state = 'pending'
  `
  // The index alone tells how many are pending. Where some are held, each has to be looked at.
  const list = database.prepare(`
    WITH ids (id) AS (SELECT value FROM json_each(?) UNION SELECT id FROM taskhook_endpoints)
    SELECT ids.id, paused_reason AS pausedReason, paused_at AS pausedAt, circuit_since AS circuitSince,
      circuit_until AS circuitUntil, last_success_at AS lastSuccessAt, last_failure_at AS lastFailureAt,
      EXISTS (
        SELECT 1 FROM taskhook_partitions AS owned WHERE owned.endpoint = endpoint.number AND owned.owner IS NOT NULL
      ) AS isOwned,
      CASE WHEN EXISTS (${held})
        THEN (SELECT count(*) FROM (${pending} AND ${isNotHeld} LIMIT ?))
        ELSE (SELECT count(*) FROM (${pending} LIMIT ?))
      END AS pending,
      (SELECT count(*) FROM (${held} LIMIT ?)) AS held,
      (
        SELECT accepted_at FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_backlog
        WHERE delivery.endpoint = endpoint.number AND delivery.state = 'pending' AND ${isNotHeld}
        ORDER BY delivery.number LIMIT 1
      ) AS oldestAcceptedAt,
      (
        SELECT count(*) FROM (
          SELECT 1 FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_unsuccessful
          WHERE delivery.state = 'exhausted' AND delivery.endpoint = endpoint.number
            AND delivery.state IN ('exhausted', 'canceled') LIMIT ?
        )
      ) AS exhausted
    FROM ids LEFT JOIN taskhook_endpoints AS endpoint ON endpoint.id = ids.id
    ORDER BY ids.id
  `)
  return (ids = [], { countLimit = -1 } = {}) =>
    list
      .all(JSON.stringify(ids), ...Array.from({ length: 4 }, () => countLimit))
      .map((row) => toEndpointRecord(row, now()))
}
