import type { DatabaseSync } from 'node:sqlite'

/** Runs an operation within a transaction that is open: should it throw, the transaction is as it was before. */
export function allOrNone<T>(transaction: DatabaseSync, operation: () => T): T {
  transaction.exec('SAVEPOINT taskhook')
  try {
    const result = operation()
    transaction.exec('RELEASE taskhook')
    return result
  } catch (error) {
    undo(transaction)
    throw error
  }
}

function undo(transaction: DatabaseSync): void {
  try {
    transaction.exec('ROLLBACK TO taskhook; RELEASE taskhook')
  } catch {
    // A full disk, for one, ends the whole transaction; the application learns the reason from what is thrown.
  }
}
