import type { AttemptRecord, DeliveryRecord } from '../delivery.ts'

/** The columns of {@link toDeliveryRecord}. */
export const deliveryColumns = `number, id, endpoint_id, ordering_key, type, payload, idempotency_key, state,
  cancel_requested, accepted_at, ready_at, leased_by, attempt_count, settled_at`

/** A row as `node:sqlite` gives it. */
export type Row = Readonly<Record<string, unknown>>

/** A row of taskhook_deliveries as a record. */
export function toDeliveryRecord(row: Row): DeliveryRecord {
  const isInFlight = row['leased_by'] !== null
  return {
    id: String(row['id']),
    endpointId: String(row['endpoint_id']),
    orderingKey: String(row['ordering_key']),
    type: String(row['type']),
    payload: String(row['payload']),
    ...optional('idempotencyKey', row['idempotency_key']),
    state: row['state'] as DeliveryRecord['state'],
    acceptedAt: Number(row['accepted_at']),
    attemptCount: Number(row['attempt_count']),
    // While it is leased, this is when the lease ends, which is nobody else's business.
    ...(!isInFlight && optional('readyAt', row['ready_at'])),
    isInFlight,
    isCancelRequested: row['cancel_requested'] === 1,
    ...optional('settledAt', row['settled_at']),
  }
}

/** A row of taskhook_attempts as a record. */
export function toAttemptRecord(row: Row): AttemptRecord {
  return {
    number: Number(row['number']),
    startedAt: Number(row['started_at']),
    durationInMs: Number(row['duration_in_ms']),
    outcome: row['outcome'] as AttemptRecord['outcome'],
    ...optional('status', row['status']),
    ...optional('errorCode', row['error_code']),
    ...optional('errorMessage', row['error_message']),
    ...(row['response'] !== null && {
      response: JSON.parse(row['response'] as string) as AttemptRecord['response'] & {},
    }),
    ...optional('nextAttemptAt', row['next_attempt_at']),
  }
}

function optional<K extends string>(key: K, value: unknown): { [key in K]?: never } {
  return (value === null ? {} : { [key]: value }) as { [key in K]?: never }
}
