import type { AttemptRecord, DeliveryRecord } from '@taskhook/outbox'
import type { Database } from './database.ts'
import { selectDelivered, selectUndelivered, toAttemptRecords, toDeliveryRecord } from './delivery-row.ts'

/** Looks up one delivery with its attempts, first one first. */
export function prepareGetDelivery({
  schema,
  query,
}: Database): (id: string) => Promise<{ delivery: DeliveryRecord; attempts: AttemptRecord[] } | undefined> {
  const text = `
    SELECT found.*, (
      -- As text: the application may have its own ways to read JSON.
      SELECT array_to_json(attempts)::text FROM (
        SELECT attempts FROM ${schema}.deliveries WHERE id = $1
        UNION ALL SELECT attempts FROM ${schema}.delivered WHERE id = $1
      ) AS delivery
    ) AS attempts
    FROM (${selectUndelivered(schema)} WHERE id = $1 UNION ALL ${selectDelivered(schema)} WHERE id = $1) AS found
  `
  return async (id) => {
    const [row] = await query(text, [id])
    if (row === undefined) return undefined
    return { delivery: toDeliveryRecord(row), attempts: toAttemptRecords(String(row['attempts'])) }
  }
}
