import type { DeliveryRecord } from '../delivery.ts'
import { heldSince } from './held.ts'
import { optionalNumber, optionalText, type Row } from './row.ts'

/**
 * A row as the record of a delivery. Its columns are named as the record's properties, except for `lastStatus` and `lastErrorCode`;
 * `isHead`, `isBehindHeld` and `isOwned` are booleans, or 0 and 1. One that is held is stored as pending.
 */
export function toDeliveryRecord(row: Row, now: number): DeliveryRecord {
  const isPending = row['state'] === 'pending'
  const attemptCount = Number(row['attemptCount'])
  const readyAt = isPending && row['readyAt'] !== null ? Number(row['readyAt']) : undefined
  const heldAt = heldSince(readyAt)
  const isWaiting = readyAt !== undefined && readyAt > now && heldAt === undefined
  const isHead = isPending && Boolean(row['isHead'])
  return {
    id: row['id'] as string,
    endpointId: row['endpointId'] as string,
    orderingKey: row['orderingKey'] as string,
    type: row['type'] as string,
    payload: row['payload'] as string,
    ...optionalText('idempotencyKey', row['idempotencyKey']),
    ...optionalText('context', row['context']),
    state: heldAt === undefined ? (row['state'] as DeliveryRecord['state']) : 'held',
    acceptedAt: Number(row['acceptedAt']),
    attemptCount,
    isHead,
    isBehindHeld: isPending && !isHead && Boolean(row['isBehindHeld']),
    ...(isWaiting && { readyAt }),
    isOwned: Boolean(row['isOwned']),
    ...(attemptCount > 0 && {
      lastAttempt: {
        ...optionalNumber('status', row['lastStatus']),
        ...optionalText('errorCode', row['lastErrorCode']),
      },
    }),
    ...optionalNumber('settledAt', heldAt ?? row['settledAt']),
  }
}
