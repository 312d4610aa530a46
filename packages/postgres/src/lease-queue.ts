import type { Claim, ClaimRequest, Settlement } from '@taskhook/outbox'
import { selectClaims, toClaim } from './claim.ts'
import type { Database } from './database.ts'
import type { Row } from './postgres-client.ts'
import { selectSettled } from './settle.ts'
import type { Now } from './time.ts'
import { createWriteQueue } from './write-queue.ts'

/** Where a settlement happened, and when. */
interface Settled {
  endpointId: string
  settledAt: number
}

/** What dispatchers do with leases, see {@link createLeaseQueue}. */
export interface LeaseQueue {
  claim(request: ClaimRequest): Promise<Claim[]>
  /** `undefined` when the lease was lost. */
  settle(settlement: Settlement): Promise<Settled | undefined>
  /** Runs something alone, when all that was asked before is over. */
  alone: <T>(operation: () => Promise<T>) => Promise<T>
}

type Item = { settlement: Settlement } | { request: ClaimRequest }

/**
 * Settlements and claims, one statement for all that come together: first the settlements, so that what they let through is
 * there to be claimed. When an attempt ends, both are asked, and this makes one commit of it.
 */
export function createLeaseQueue({ schema, query }: Database, now: Now): LeaseQueue {
  async function run(items: Item[]): Promise<Row[][]> {
    const values: unknown[] = []
    const parameter = (value: unknown): string => `$${values.push(value)}`
    const settlements: Settlement[] = []
    const settlementItems: number[] = []
    const claims: string[] = []
    for (const [index, item] of items.entries()) {
      if ('settlement' in item) {
        settlements.push(item.settlement)
        settlementItems.push(index)
      } else {
        claims.push(
          `SELECT ${index}, NULL, NULL, claim.* FROM (${selectClaims(schema, item.request, { now, parameter })}) AS claim`,
        )
      }
    }
    // Gives the columns their names, also when nothing is settled. A function is called when its part is read, one after the other.
    const settled = `
      SELECT NULL::integer AS item, settled.n, settled.settled_at, NULL::bigint AS number, NULL AS id,
        NULL::bigint AS lease_token, settled.endpoint_id, NULL AS ordering_key, NULL AS type, NULL AS payload,
        NULL::bigint AS accepted_at, NULL::integer AS tries
      FROM (${selectSettled(schema, settlements, { now, parameter })}) AS settled
    `
    const results: Row[][] = items.map(() => [])
    for (const row of await query([settled, ...claims].join(' UNION ALL '), values)) {
      const item = row['item'] === null ? settlementItems[Number(row['n']) - 1] : Number(row['item'])
      results[item!]!.push(row)
    }
    return results
  }

  const queue = createWriteQueue(run)

  return {
    async claim(request) {
      const rows = await queue.write({ request })
      return rows.toSorted((a, b) => Number(a['number']) - Number(b['number'])).map(toClaim)
    },
    async settle(settlement) {
      const [row] = await queue.write({ settlement })
      if (row === undefined) return undefined
      return { endpointId: String(row['endpoint_id']), settledAt: Number(row['settled_at']) }
    },
    alone: queue.alone,
  }
}
