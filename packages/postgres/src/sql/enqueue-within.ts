import { type Acceptance, type NewDelivery, checkDeliveries } from '@taskhook/outbox/ledger'
import { checkTransaction, toTransactionError } from '../connection/check-transaction.ts'
import type { PostgresClient, Row } from '../connection/postgres-client.ts'
import { isMissing, toOutboxError } from '../connection/postgres-error.ts'
import type { LedgerContext } from '../ledger-context.ts'
import { toAcceptances, toColumns } from './enqueue.ts'

/** Accepts deliveries within the application's transaction; the statement is on its way when this returns. */
export function prepareEnqueueWithin(
  { database: { schema }, now }: LedgerContext,
  ledgerId: string,
): (transaction: PostgresClient, deliveries: readonly NewDelivery[]) => Promise<Acceptance[]> {
  const text = `
    SELECT n, first_id, problem FROM ${schema}.enqueue_within($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  `
  return async (transaction, deliveries) => {
    checkTransaction(transaction)
    checkDeliveries(deliveries)
    try {
      const answer = await transaction.query(text, [ledgerId, ...toColumns(deliveries, now())])
      const rows = answer.rows as Row[]
      const problem = rows[0]?.['problem']
      if (typeof problem === 'string') throw toTransactionError(problem)
      return toAcceptances(deliveries, rows)
    } catch (error) {
      if (isMissing(error)) throw toTransactionError('other_ledger')
      throw toOutboxError(error)
    }
  }
}
