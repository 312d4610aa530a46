import type { AttemptRecord, DeliveryRecord } from '../../delivery.ts'
import { toAttemptRecords } from '../../records/attempt-record.ts'
import { toDeliveryRecord } from '../../records/delivery-record.ts'
import type { Context } from '../context.ts'
import { deliveryColumns, joinTables } from './delivery-columns.ts'

/** Looks up one delivery with its attempts, first one first. */
export function prepareGetDelivery({
  database,
  now,
}: Context): (id: string) => { delivery: DeliveryRecord; attempts: AttemptRecord[] } | undefined {
  const find = database.prepare(`
    SELECT ${deliveryColumns}, delivery.first_attempt AS firstAttempt FROM taskhook_deliveries AS delivery ${joinTables}
    WHERE delivery.id = ?
  `)
  const findAttempts = database.prepare(
    'SELECT attempt FROM taskhook_attempts WHERE delivery = ? ORDER BY number',
  )
  return (id) => {
    const row = find.get(id)
    if (row === undefined) return undefined
    const later = findAttempts.all(row['number']!).map(({ attempt }) => String(attempt))
    const first = row['firstAttempt'] === null ? [] : [String(row['firstAttempt'])]
    return { delivery: toDeliveryRecord(row, now()), attempts: toAttemptRecords([...first, ...later]) }
  }
}
