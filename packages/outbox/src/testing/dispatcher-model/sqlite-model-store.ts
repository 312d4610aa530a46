import type { DatabaseSync } from 'node:sqlite'
import type { TestClock } from '../test-clock.ts'
import { openTestOutbox } from '../test-outbox.ts'
import { createTestFile, openTestDatabase } from '../test-sqlite.ts'
import type { ModelStore } from './model-store.ts'

/** A file. */
export async function createSqliteModelStore(clock: TestClock): Promise<ModelStore<DatabaseSync>> {
  const file = createTestFile()
  // It makes the tables.
  await openTestOutbox({ file, clock }).ledger.close()
  const database = openTestDatabase(file)
  database.exec('CREATE TABLE effects (number INTEGER NOT NULL) STRICT')
  return {
    open: async () => openTestOutbox({ file, clock }).ledger,
    kill: async () => {},
    query: async (text, ...values) => database.prepare(text).all(...values),
    async writeEffect(transaction, number) {
      transaction.prepare('INSERT INTO effects VALUES (?)').run(number)
    },
  }
}
