/**
 * Inserts what a settlement has taken out of `deliveries`: the rows of `ended`, with `status`, `error_code` and `all_attempts` beside the
 * columns of the delivery, at the time `moment`.
 */
export function insertDelivered(schema: string): string {
  return `
    INSERT INTO ${schema}.delivered (number, accepted_at, settled_at, attempt_count, last_status, partition, id, endpoint_id,
      ordering_key, type, payload, context, idempotency_key, last_error_code, attempts)
    SELECT number, accepted_at, moment, attempt_count + 1, status, partition, id, endpoint_id,
      ordering_key, type, payload, context, idempotency_key, error_code, all_attempts
    FROM ended
  `
}
