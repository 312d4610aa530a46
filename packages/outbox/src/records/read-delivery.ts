import type { ReadDelivery } from '../ledger.ts'
import type { Row } from './row.ts'

/**
 * A row as a delivery that a dispatcher reads. Its columns are named as the delivery's properties, with `readyAt` (a time, or null) in
 * place of `readyInMs`.
 */
export function toReadDelivery(row: Row, now: number): ReadDelivery {
  const delivery: ReadDelivery = {
    number: Number(row['number']),
    id: row['id'] as string,
    endpointId: row['endpointId'] as string,
    partition: Number(row['partition']),
    orderingKey: row['orderingKey'] as string,
    type: row['type'] as string,
    payload: row['payload'] as string,
    acceptedAt: Number(row['acceptedAt']),
    tries: Number(row['tries']),
    readyInMs: row['readyAt'] === null ? 0 : Math.max(0, Number(row['readyAt']) - now),
    isHead: Boolean(row['isHead']),
  }
  if (row['context'] !== null) delivery.context = row['context'] as string
  return delivery
}
