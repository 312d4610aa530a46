import type { DatabaseSync } from 'node:sqlite'
import { preparePromote } from './promote.ts'

/** Cancels a pending delivery; one in flight is marked, and canceled when its attempt has failed. False: not pending. */
export function prepareCancel(database: DatabaseSync): (id: string, now: number) => boolean {
  const cancel = database.prepare(`
    UPDATE taskhook_deliveries
    SET state = CASE WHEN leased_by IS NULL THEN 'canceled' ELSE state END,
      ready_at = CASE WHEN leased_by IS NULL THEN NULL ELSE ready_at END,
      settled_at = CASE WHEN leased_by IS NULL THEN :now END,
      cancel_requested = leased_by IS NOT NULL
    WHERE id = :id AND state = 'pending'
    RETURNING state, endpoint_id AS endpointId, ordering_key AS orderingKey
  `)
  const promote = preparePromote(database)
  return (id, now) => {
    const row = cancel.get({ id, now })
    if (row?.['state'] === 'canceled') promote(String(row['endpointId']), String(row['orderingKey']))
    return row !== undefined
  }
}
