import type { DatabaseSync } from 'node:sqlite'
import type { Claim, ClaimRequest } from '../ledger.ts'
import { prepareRelease } from './release.ts'

/**
 * Leases deliveries that are due, longest due first. What is due is always the head of its ordering key. One that was to be
 * canceled when its attempt had failed, and whose lease ended instead, is canceled now.
 */
export function prepareClaim(database: DatabaseSync): (request: ClaimRequest) => Claim[] {
  const claim = database.prepare(`
    UPDATE taskhook_deliveries
    SET ready_at = :leaseEndsAt, lease_token = lease_token + 1, leased_by = :owner
    WHERE number IN (
      SELECT number FROM taskhook_deliveries
      WHERE endpoint_id = :endpointId AND ready_at <= :now
      ORDER BY ready_at, number
      LIMIT :limit
    )
    RETURNING number, id, lease_token AS token, endpoint_id AS endpointId, ordering_key AS orderingKey, type, payload,
      accepted_at AS acceptedAt, tries, cancel_requested AS isCanceled
  `)
  const release = prepareRelease(database)
  return (request) => {
    const rows = claim.all({ ...request }) as unknown as (Claim & { number: number; isCanceled: number })[]
    for (const row of rows) if (row.isCanceled === 1) release(row, request.now)
    // RETURNING comes in no particular order.
    return rows
      .filter((row) => row.isCanceled === 0)
      .toSorted((a, b) => a.number - b.number)
      .map(({ number: _number, isCanceled: _isCanceled, ...row }) => row)
  }
}
