import type { AttemptRecord, DeliveryRecord } from '@taskhook/outbox'
import { isFirst } from './line.ts'
import type { Row } from './postgres-client.ts'

/** Deliveries that are not delivered, as {@link toDeliveryRecord} takes them. */
export function selectUndelivered(schema: string): string {
  return `
    SELECT number, id, endpoint_id, ordering_key, type, payload, idempotency_key, state, cancel_requested, accepted_at,
      settled_at, cardinality(attempts) AS attempt_count, leased_by IS NOT NULL AS is_in_flight,
      -- While it is leased, this is when the lease ends, which is nobody else's business.
      CASE WHEN leased_by IS NULL AND (place = 'head' OR place = 'arriving' AND ${isFirst(schema, 'delivery')})
        THEN ready_at END AS ready_at
    FROM ${schema}.deliveries AS delivery
  `
}

/** Deliveries that are delivered, with the same columns. */
export function selectDelivered(schema: string): string {
  return `
    SELECT number, id, endpoint_id, ordering_key, type, payload, idempotency_key, 'delivered' AS state,
      false AS cancel_requested, accepted_at, settled_at, cardinality(attempts) AS attempt_count, false AS is_in_flight,
      NULL::bigint AS ready_at
    FROM ${schema}.delivered AS delivery
  `
}

/** A row as a record. */
export function toDeliveryRecord(row: Row): DeliveryRecord {
  return {
    id: String(row['id']),
    endpointId: String(row['endpoint_id']),
    orderingKey: String(row['ordering_key']),
    type: String(row['type']),
    payload: String(row['payload']),
    ...(typeof row['idempotency_key'] === 'string' && { idempotencyKey: row['idempotency_key'] }),
    state: row['state'] as DeliveryRecord['state'],
    acceptedAt: Number(row['accepted_at']),
    attemptCount: Number(row['attempt_count']),
    ...(row['ready_at'] !== null && { readyAt: Number(row['ready_at']) }),
    isInFlight: row['is_in_flight'] === true,
    isCancelRequested: row['cancel_requested'] === true,
    ...(row['settled_at'] !== null && { settledAt: Number(row['settled_at']) }),
  }
}

/** The attempts of a delivery, from a JSON array of them. */
export function toAttemptRecords(json: string): AttemptRecord[] {
  const attempts = JSON.parse(json) as Omit<AttemptRecord, 'number'>[]
  return attempts.map((attempt, index) => Object.assign({ number: index + 1 }, attempt))
}
