import type { Lease } from '@taskhook/outbox'
import type { Database } from './database.ts'
import type { Now } from './time.ts'

/** Makes leases last until a later time; resolves to those that were not lost. */
export function prepareRenew(
  { schema, query }: Database,
  now: Now,
): (leases: readonly Lease[], leaseEndsAt: number, given: number) => Promise<Lease[]> {
  const text = `
    UPDATE ${schema}.deliveries AS delivery SET ready_at = ${schema}.time_in_ms($3) + $4
    FROM unnest($1::text[], $2::bigint[]) AS lease (id, token)
    WHERE delivery.id = lease.id AND delivery.lease_token = lease.token AND delivery.leased_by IS NOT NULL
    RETURNING delivery.id, delivery.lease_token
  `
  return async (leases, leaseEndsAt, given) => {
    if (leases.length === 0) return []
    const [ids, tokens] = [leases.map(({ id }) => id), leases.map(({ token }) => token)]
    const rows = await query(text, [ids, tokens, now(given), leaseEndsAt - given])
    const renewed = new Map(rows.map((row) => [row['id'], Number(row['lease_token'])]))
    return leases.filter(({ id, token }) => renewed.get(id) === token)
  }
}
