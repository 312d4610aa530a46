import type { DatabaseSync } from 'node:sqlite'
import type { Lease } from '../ledger.ts'

/** The leases of owners who are not alive. */
export function prepareFindAbandoned(
  database: DatabaseSync,
): (isAlive: (owner: string) => boolean) => Lease[] {
  const find = database.prepare(`
    SELECT id, lease_token AS token, leased_by AS owner FROM taskhook_deliveries
    WHERE ready_at IS NOT NULL AND leased_by IS NOT NULL
  `)
  return (isAlive) => {
    const leases = find.all() as unknown as (Lease & { owner: string })[]
    const alive = new Map<string, boolean>()
    for (const { owner } of leases) if (!alive.has(owner)) alive.set(owner, isAlive(owner))
    return leases.filter(({ owner }) => !alive.get(owner)).map(({ id, token }) => ({ id, token }))
  }
}
