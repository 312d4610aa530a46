import { realpathSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { OutboxError } from '../outbox-error.ts'
import { inMemory } from './open-database.ts'

/**
 * Checks that what is written through the application's connection is as durable as what the ledger writes itself, and that
 * a dispatcher will find it.
 *
 * @throws OutboxError `transaction_invalid`.
 */
export function checkTransaction(transaction: DatabaseSync, file: string): void {
  if (typeof transaction?.prepare !== 'function' || typeof transaction.exec !== 'function') {
    throw invalid('it must be the DatabaseSync (node:sqlite) that the transaction is open on')
  }
  if (file === inMemory) {
    throw invalid(
      'a ledger in memory is a database of its own, which no other connection can write to: give it a file, for this test in a temporary folder',
    )
  }
  if (!isOpen(transaction)) throw invalid('no transaction is open on the connection: BEGIN one before')
  const rows = transaction.prepare('PRAGMA database_list').all()
  const other = String(rows.find((row) => row['name'] === 'main')?.['file'] ?? '')
  if (other === '' || realpathSync(other) !== realpathSync(file)) {
    throw invalid(
      `the connection is on ${other || 'a database in memory'}, and the ledger on ${file}: they must be one file`,
    )
  }
  const synchronous = Number(transaction.prepare('PRAGMA synchronous').get()?.['synchronous'])
  if (synchronous < 2) {
    throw invalid(
      'the connection commits without waiting for the disk: PRAGMA synchronous = FULL before BEGIN',
    )
  }
}

function isOpen(transaction: DatabaseSync): boolean {
  // A property since Node.js 22.16; before that, BEGIN fails within a transaction and nowhere else.
  if (typeof transaction.isTransaction === 'boolean') return transaction.isTransaction
  try {
    transaction.exec('BEGIN')
  } catch {
    return true
  }
  transaction.exec('ROLLBACK')
  return false
}

function invalid(reason: string): OutboxError {
  return new OutboxError('transaction_invalid', `transaction: ${reason}`)
}
