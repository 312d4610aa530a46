import type { DeliveryRecord } from '../delivery.ts'
import { optionalNumber, optionalText, type Row } from './row.ts'

/**
 * A row as the record of a delivery. Its columns are named as the record's properties, except for `lastStatus` and `lastErrorCode`;
 * `isHead` and `isOwned` are booleans, or 0 and 1.
 */
export function toDeliveryRecord(row: Row, now: number): DeliveryRecord {
  const isPending = row['state'] === 'pending'
  const attemptCount = Number(row['attemptCount'])
  const isWaiting = isPending && row['readyAt'] !== null && Number(row['readyAt']) > now
  return {
    id: row['id'] as string,
    endpointId: row['endpointId'] as string,
    orderingKey: row['orderingKey'] as string,
    type: row['type'] as string,
    payload: row['payload'] as string,
    ...optionalText('idempotencyKey', row['idempotencyKey']),
    ...optionalText('context', row['context']),
    state: row['state'] as DeliveryRecord['state'],
    acceptedAt: Number(row['acceptedAt']),
    attemptCount,
    isHead: isPending && Boolean(row['isHead']),
    ...(isWaiting && { readyAt: Number(row['readyAt']) }),
    isOwned: Boolean(row['isOwned']),
    ...(attemptCount > 0 && {
      lastAttempt: {
        ...optionalNumber('status', row['lastStatus']),
        ...optionalText('errorCode', row['lastErrorCode']),
      },
    }),
    ...optionalNumber('settledAt', row['settledAt']),
  }
}
