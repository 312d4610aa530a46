import type { DatabaseSync } from 'node:sqlite'
import type { AttemptRecord, DeliveryRecord } from '../delivery.ts'
import { deliveryColumns, toAttemptRecord, toDeliveryRecord } from './delivery-row.ts'

/** Looks up one delivery with its attempts, first one first. */
export function prepareGetDelivery(
  database: DatabaseSync,
): (id: string) => { delivery: DeliveryRecord; attempts: AttemptRecord[] } | undefined {
  const find = database.prepare(`SELECT ${deliveryColumns} FROM taskhook_deliveries WHERE id = ?`)
  const findAttempts = database.prepare(`SELECT * FROM taskhook_attempts WHERE delivery = ? ORDER BY number`)
  return (id) => {
    const row = find.get(id)
    if (row === undefined) return undefined
    const attempts = findAttempts.all(row['number']!).map(toAttemptRecord)
    return { delivery: toDeliveryRecord(row), attempts }
  }
}
