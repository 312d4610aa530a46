import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { sqliteLedger, type SqliteLedgerOptions } from '../sqlite/sqlite-ledger.ts'
import type { LedgerStore } from './ledger-contract/ledger-store.ts'
import { createTestDirectory } from './test-directory.ts'

/** The path of a ledger that is not there yet, in a directory of its own. */
export function createTestFile(): string {
  return join(createTestDirectory(), 'ledger.db')
}

/** A ledger that is closed when the test is over. */
export function openTestLedger(
  file: string = createTestFile(),
  options: Partial<SqliteLedgerOptions> = {},
): Ledger<DatabaseSync> {
  const ledger = sqliteLedger({ file, ...options })
  onTestFinished(() => ledger.close())
  return ledger
}

/** A connection of the application, as durable as the ledger's; closed when the test is over. */
export function openTestDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = FULL')
  onTestFinished(() => database.close())
  return database
}

/** A ledger's file, as the contract of ledgers has it. */
export async function createSqliteStore({ now }: { now: () => number }): Promise<LedgerStore<DatabaseSync>> {
  const file = createTestFile()
  return {
    isSerialized: true,
    open: async () => openTestLedger(file, { now }),
    async begin() {
      const transaction = openTestDatabase(file)
      transaction.exec('BEGIN')
      return {
        transaction,
        commit: async () => transaction.exec('COMMIT'),
        rollBack: async () => transaction.exec('ROLLBACK'),
      }
    },
  }
}
