import type { Settlement } from '@taskhook/outbox/ledger'
import type { Row } from '../connection/postgres-client.ts'
import type { LedgerContext } from '../ledger-context.ts'
import { toColumns } from './settlement-columns.ts'

/** What came of a settlement within the transaction of its attempt. */
export interface SettledWithin {
  /** When it was, by the database's time. */
  settledAt: number
  /** The value of `taskhook.attempt`, which is local to the transaction that set it. */
  attempt: string | null
  /** Whether the transaction will wait for the disk when it commits. */
  isDurable: boolean
}

type Query = (text: string, values: readonly unknown[]) => Promise<Row[]>

// Longer than for others: what would have to be done again is all that the attempt did.
const patienceInMs = 10_000

/** Writes down an attempt that delivered, see `settleFunction`, by a query within its transaction. `undefined`: lost. */
export function prepareSettleWithin({
  database: { schema },
  now,
  sender,
}: LedgerContext): (
  query: Query,
  dispatcherId: string,
  settlement: Settlement,
) => Promise<SettledWithin | undefined> {
  const text = `
    SELECT settled.settled_at, current_setting('taskhook.attempt', true) AS attempt,
      current_setting('synchronous_commit') <> 'off' AS is_durable
    FROM ${schema}.settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) AS settled
  `
  return async (query, dispatcherId, settlement) => {
    const values = [dispatcherId, ...toColumns([settlement]), patienceInMs, false, now(), sender]
    const [row] = await query(text, values)
    if (row === undefined) return undefined
    return {
      settledAt: Number(row['settled_at']),
      attempt: row['attempt'] as string | null,
      isDurable: row['is_durable'] === true,
    }
  }
}
