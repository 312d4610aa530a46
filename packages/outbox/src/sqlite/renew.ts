import type { DatabaseSync } from 'node:sqlite'
import type { Lease } from '../ledger.ts'

/** Makes a lease last until a later time; false when it was lost. */
export function prepareRenew(database: DatabaseSync): (lease: Lease, leaseEndsAt: number) => boolean {
  const renew = database.prepare(`
    UPDATE taskhook_deliveries SET ready_at = ? WHERE id = ? AND lease_token = ? AND leased_by IS NOT NULL
  `)
  return ({ id, token }, leaseEndsAt) => renew.run(leaseEndsAt, id, token).changes === 1
}
