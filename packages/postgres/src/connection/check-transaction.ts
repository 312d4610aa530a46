import { OutboxError } from '@taskhook/outbox'
import type { PostgresClient } from './postgres-client.ts'

/**
 * Checks that a transaction is open on the application's client, as far as can be known without asking the database.
 *
 * @throws OutboxError `transaction_invalid`.
 */
export function checkTransaction(transaction: PostgresClient): void {
  if (typeof transaction?.query !== 'function') {
    throw invalid('it must be the client (pg) that the transaction is open on')
  }
  if ('totalCount' in transaction) {
    throw invalid('a pool has a connection for each query: give the client that BEGIN was sent on')
  }
  // T: open; E: failed, which the database says itself; null: not connected, or a pg before 8.20.
  if (transaction.getTransactionStatus?.() === 'I') {
    throw invalid('none is open on the client: BEGIN one before')
  }
}

/** What the database found wrong with the transaction, see `enqueue_within`. */
export function toTransactionError(problem: string): OutboxError {
  if (problem === 'known_id') return new OutboxError('option_invalid', 'id: another delivery already has it')
  return invalid(
    problem === 'not_durable'
      ? 'it commits without waiting for the disk: SET LOCAL synchronous_commit = on'
      : 'it is on another database than the ledger',
  )
}

function invalid(reason: string): OutboxError {
  return new OutboxError('transaction_invalid', `transaction: ${reason}`)
}
