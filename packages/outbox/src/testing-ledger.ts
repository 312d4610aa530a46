import { expect } from 'vitest'
import type { AttemptRecord, DeliveryRecord } from './delivery.ts'
import type { Claim, ClaimRequest, Ledger, Lease, Settlement } from './ledger.ts'
import { startOfTime } from './testing-delivery.ts'

export { newDelivery, startOfTime } from './testing-delivery.ts'

/** Claims what is due at `one`, at {@link startOfTime} and for a minute unless a test says otherwise. */
export async function claim(ledger: Ledger, given: Partial<ClaimRequest> = {}): Promise<Claim[]> {
  const now = given.now ?? startOfTime
  return ledger.claim({
    endpointId: 'one',
    limit: 100,
    owner: 'first',
    leaseEndsAt: now + 60_000,
    ...given,
    now,
  })
}

/** Claims the only delivery that is due. */
export async function claimOne(ledger: Ledger, given: Partial<ClaimRequest> = {}): Promise<Claim> {
  const claims = await claim(ledger, given)
  expect(claims).toHaveLength(1)
  return claims[0]!
}

/** Settles as delivered unless a test says otherwise, at {@link startOfTime}. */
export async function settle(
  ledger: Ledger,
  { id, token }: Lease,
  given: Partial<Settlement> = {},
): Promise<boolean> {
  const { state = 'delivered', now = startOfTime } = given
  const outcome = state === 'delivered' ? 'delivered' : 'retry'
  return ledger.settle({
    lease: { id, token },
    attempt: { startedAt: now, durationInMs: 1, outcome },
    state,
    now,
    ...(state === 'pending' && { readyAt: now + 1000 }),
    ...given,
  })
}

/** The record of a delivery that is there. */
export async function look(ledger: Ledger, id: string): Promise<DeliveryRecord> {
  return (await lookCloser(ledger, id)).delivery
}

/** The attempts of a delivery that is there. */
export async function lookAtAttempts(ledger: Ledger, id: string): Promise<AttemptRecord[]> {
  return (await lookCloser(ledger, id)).attempts
}

async function lookCloser(
  ledger: Ledger,
  id: string,
): Promise<{ delivery: DeliveryRecord; attempts: AttemptRecord[] }> {
  const found = await ledger.getDelivery(id)
  expect(found).toBeDefined()
  return found!
}

/** The ids of what has one, in its order. */
export function idsOf(list: readonly { id: string }[]): string[] {
  return list.map(({ id }) => id)
}
