import type { Claim, Ledger } from '@taskhook/outbox'
import { median } from './median.ts'

const endpointId = 'receiver'
const leaseInMs = 60_000

/** What one claim and one settlement of as many deliveries took, in the median. */
export interface Turns {
  claimInMs: number
  settleInMs: number
}

/** Claims and settles as a dispatcher does, with attempts that take no time; one claim after the other, so that each is alone. */
export async function measureTurns(
  ledger: Ledger,
  { count, limit }: { count: number; limit: number },
): Promise<Turns> {
  const claimDurations: number[] = []
  const settleDurations: number[] = []
  for (let turn = 0; turn < count; turn++) {
    const startedAt = performance.now()
    const claims = await claim(ledger, limit)
    const claimedAt = performance.now()
    if (claims.length < limit) throw new Error(`only ${claims.length} were due`)
    await Promise.all(claims.map((one) => settle(ledger, one)))
    claimDurations.push(claimedAt - startedAt)
    settleDurations.push(performance.now() - claimedAt)
  }
  return { claimInMs: median(claimDurations), settleInMs: median(settleDurations) }
}

/** Sends so many deliveries through the table, some loops side by side. */
export async function churn(ledger: Ledger, count: number): Promise<void> {
  let left = count
  const work = async (): Promise<void> => {
    while (left > 0) {
      const limit = Math.min(left, 100)
      left -= limit
      const claims = await claim(ledger, limit)
      left += limit - claims.length
      await Promise.all(claims.map((one) => settle(ledger, one)))
    }
  }
  await Promise.all([work(), work(), work()])
}

function claim(ledger: Ledger, limit: number): Promise<Claim[]> {
  const now = Date.now()
  return ledger.claim({ endpointId, limit, owner: 'bench', now, leaseEndsAt: now + leaseInMs })
}

async function settle(ledger: Ledger, { id, token }: Claim): Promise<void> {
  const now = Date.now()
  const isSettled = await ledger.settle({
    lease: { id, token },
    state: 'delivered',
    now,
    attempt: {
      startedAt: now - 3,
      durationInMs: 3,
      outcome: 'delivered',
      status: 204,
      response: {
        headers: { date: 'Tue, 24 Nov 2026 02:40:00 GMT', connection: 'keep-alive' },
        excerpt: '',
        truncated: false,
      },
    },
  })
  if (!isSettled) throw new Error('the lease was lost')
}
