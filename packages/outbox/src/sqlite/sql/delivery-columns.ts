import { heldWaitInMs } from '../../records/held.ts'
import { isHead, joinLine } from './read-columns.ts'

/** The columns of `toDeliveryRecord`, and `number`, of the tables `delivery`, `endpoint` and `line`. */
export const deliveryColumns: string = `delivery.number, delivery.id, endpoint.id AS endpointId, line.ordering_key AS orderingKey,
    delivery.type, delivery.payload, delivery.idempotency_key AS idempotencyKey, delivery.context, delivery.state,
    delivery.accepted_at AS acceptedAt, delivery.attempt_count AS attemptCount, delivery.ready_at AS readyAt,
    delivery.last_status AS lastStatus, delivery.last_error_code AS lastErrorCode, delivery.settled_at AS settledAt,
    delivery.state = 'pending' AND ${isHead} AS isHead,
    delivery.state = 'pending' AND (
      SELECT ifnull(first.ready_at, 0) >= ${heldWaitInMs}
      FROM taskhook_deliveries AS first INDEXED BY taskhook_deliveries_line
      WHERE first.line = delivery.line AND first.state = 'pending' ORDER BY first.number LIMIT 1
    ) AS isBehindHeld,
    EXISTS (
      SELECT 1 FROM taskhook_partitions AS owned
      WHERE owned.endpoint = delivery.endpoint AND owned.partition = delivery.partition
        AND owned.owner IS NOT NULL
    ) AS isOwned`

/** Where {@link deliveryColumns} come from, beside the table `delivery`. */
export const joinTables: string = `
    CROSS JOIN taskhook_endpoints AS endpoint ON endpoint.number = delivery.endpoint
    ${joinLine}`
