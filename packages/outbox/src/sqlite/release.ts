import type { DatabaseSync } from 'node:sqlite'
import type { Lease } from '../ledger.ts'
import { preparePromote } from './promote.ts'

/** Gives a lease back, its delivery due at once; nothing when it was lost. */
export function prepareRelease(database: DatabaseSync): (lease: Lease, now: number) => void {
  const release = database.prepare(`
    UPDATE taskhook_deliveries
    SET state = CASE WHEN cancel_requested THEN 'canceled' ELSE state END,
      ready_at = CASE WHEN cancel_requested THEN NULL ELSE :now END,
      settled_at = CASE WHEN cancel_requested THEN :now END,
      cancel_requested = 0,
      leased_by = NULL
    WHERE id = :id AND lease_token = :token AND leased_by IS NOT NULL
    RETURNING state, endpoint_id AS endpointId, ordering_key AS orderingKey
  `)
  const promote = preparePromote(database)
  return ({ id, token }, now) => {
    const row = release.get({ id, token, now })
    if (row?.['state'] === 'canceled') promote(String(row['endpointId']), String(row['orderingKey']))
  }
}
