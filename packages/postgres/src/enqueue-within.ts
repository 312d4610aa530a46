import type { Acceptance, NewDelivery } from '@taskhook/outbox'
import { checkDelivery } from './check-delivery.ts'
import { checkTransaction, toTransactionError } from './check-transaction.ts'
import type { Database } from './database.ts'
import { toAcceptances, toColumns } from './enqueue.ts'
import type { PostgresClient } from './postgres-client.ts'
import { isMissing, toOutboxError } from './postgres-error.ts'
import type { Now } from './time.ts'

/** Accepts deliveries within the application's transaction; the statement is on its way when this returns. */
export function prepareEnqueueWithin(
  { schema }: Database,
  { now, ledgerId }: { now: Now; ledgerId: string },
): (transaction: PostgresClient, deliveries: readonly NewDelivery[]) => Promise<Acceptance[]> {
  const text = `
    SELECT n, first_id, problem FROM ${schema}.enqueue_within($1, $2, $3, $4, $5, $6, $7, $8, $9)
  `
  return async (transaction, deliveries) => {
    checkTransaction(transaction)
    for (const delivery of deliveries) checkDelivery(delivery)
    try {
      const { rows } = await transaction.query(text, [ledgerId, ...toColumns(deliveries, now)])
      const problem = rows[0]?.['problem']
      if (typeof problem === 'string') throw toTransactionError(problem)
      return toAcceptances(deliveries, rows)
    } catch (error) {
      if (isMissing(error)) throw toTransactionError('other_ledger')
      throw toOutboxError(error)
    }
  }
}
