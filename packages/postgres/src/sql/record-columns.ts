import { heldWaitInMs } from '@taskhook/outbox/ledger'
import { indexRange, maxNumber, minNumber } from './index-range.ts'
import { isHead } from './read-columns.ts'

/** Deliveries that are not delivered, with the columns of `toDeliveryRecord`. */
export function selectUndelivered(schema: string): string {
  return `
    SELECT ${columns}, delivery.state, delivery.ready_at AS "readyAt",
      delivery.state = 'pending' AND ${isHead(schema)} AS "isHead",
      delivery.state = 'pending' AND ${isBehindHeld(schema)} AS "isBehindHeld", ${isOwned(schema)}
    FROM ${schema}.deliveries AS delivery
  `
}

/** Deliveries that are delivered, with the same columns. */
export function selectDelivered(schema: string): string {
  return `
    SELECT ${columns}, 'delivered' AS state, NULL::bigint AS "readyAt", false AS "isHead", false AS "isBehindHeld", ${isOwned(schema)}
    FROM ${schema}.delivered AS delivery
  `
}

const columns = `
  delivery.number, delivery.id, delivery.endpoint_id AS "endpointId", delivery.ordering_key AS "orderingKey", delivery.type,
  delivery.payload, delivery.context, delivery.idempotency_key AS "idempotencyKey", delivery.accepted_at AS "acceptedAt",
  delivery.settled_at AS "settledAt", delivery.attempt_count AS "attemptCount", delivery.last_status AS "lastStatus",
  delivery.last_error_code AS "lastErrorCode"
`

function isBehindHeld(schema: string): string {
  const line = indexRange('first', ['ordering_key', 'endpoint_id', 'number'], {
    after: ['delivery.ordering_key', 'delivery.endpoint_id', minNumber],
    upTo: ['delivery.ordering_key', 'delivery.endpoint_id', maxNumber],
  })
  return `coalesce((
    SELECT first.ready_at >= ${heldWaitInMs} FROM ${schema}.deliveries AS first
    WHERE first.state = 'pending' AND ${line.where}
    ORDER BY ${line.order} LIMIT 1
  ), false)`
}

function isOwned(schema: string): string {
  return `
    EXISTS (
      SELECT FROM ${schema}.partitions AS known
      WHERE known.endpoint_id = delivery.endpoint_id AND known.partition = delivery.partition AND known.owner IS NOT NULL
    ) AS "isOwned"
  `
}
