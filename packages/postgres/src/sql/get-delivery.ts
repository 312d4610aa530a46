import {
  type AttemptRecord,
  type DeliveryRecord,
  type StoredAttempt,
  toAttemptRecords,
  toDeliveryRecord,
} from '@taskhook/outbox/ledger'
import type { Row } from '../connection/postgres-client.ts'
import type { LedgerContext } from '../ledger-context.ts'
import { selectDelivered, selectUndelivered } from './record-columns.ts'

/** Looks up one delivery with its attempts, first one first. */
export function prepareGetDelivery({
  database: { schema, query },
  now,
}: LedgerContext): (
  id: string,
) => Promise<{ delivery: DeliveryRecord; attempts: AttemptRecord[] } | undefined> {
  const text = `
    SELECT found.*, ${schema}.time_in_ms($2) AS now, (
      SELECT attempts FROM ${schema}.deliveries WHERE id = $1
      UNION ALL SELECT attempts FROM ${schema}.delivered WHERE id = $1
    ) AS attempts
    FROM (${selectUndelivered(schema)} WHERE id = $1 UNION ALL ${selectDelivered(schema)} WHERE id = $1) AS found
  `
  const read = (id: string): Promise<Row[]> => query(text, [id, now()])
  return async (id) => {
    // A statement that was planned before the first delivery of a day made the day's partition, and sees what was moved there, finds it in neither
    // table. The next one is planned anew.
    const row = (await read(id))[0] ?? (await read(id))[0]
    if (row === undefined) return undefined
    const stored = JSON.parse(`[${String(row['attempts'])}]`) as StoredAttempt[]
    return { delivery: toDeliveryRecord(row, Number(row['now'])), attempts: toAttemptRecords(stored) }
  }
}
