import { DatabaseSync } from 'node:sqlite'
import { OutboxError } from '../outbox-error.ts'
import { migrate } from './migrations.ts'
import { toOutboxError } from './sqlite-error.ts'

/**
 * Opens a ledger's file, durable, and brings it to the newest schema.
 *
 * @throws OutboxError
 */
export function openDatabase(file: string, busyTimeoutInMs: number): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutInMs}`)
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal') {
      throw new OutboxError(
        'ledger_unavailable',
        `the ledger cannot have a write-ahead log (journal mode ${String(mode)}): it must be a file on a local disk`,
      )
    }
    database.exec('PRAGMA synchronous = FULL')
    migrate(database)
    // From here on the lock is waited for outside SQLite, see the write queue.
    database.exec('PRAGMA busy_timeout = 0')
    return database
  } catch (error) {
    database?.close()
    throw toOutboxError(error)
  }
}
