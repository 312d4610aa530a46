import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { OutboxError } from '../outbox-error.ts'
import { createSchema, hasSchema } from './schema.ts'
import { toOutboxError } from './sqlite-error.ts'

/** The name of a database that is nowhere but in memory. */
export const inMemory = ':memory:'

// The log is written anew from its beginning once it was copied into the database; should a long reader have let it grow, it is cut
// to this size then.
const logSizeLimitInBytes = 64 * 1024 * 1024
// 16 MB. A page that is written again and again is copied once.
const pagesBetweenCopies = 4000

/** Options of {@link openDatabase}. */
interface OpenDatabaseOptions {
  /** Whether a file, and a ledger in it, is made that is not there. Default true. */
  create?: boolean
  /** Makes the tables that are not there. Default: those of the ledger. */
  createTables?: (database: DatabaseSync) => void
}

/**
 * Opens a ledger's file, durable, and makes its tables if they are not there.
 *
 * @throws OutboxError
 */
export function openDatabase(
  file: string,
  busyTimeoutInMs: number,
  { create = true, createTables = createSchema }: OpenDatabaseOptions = {},
): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    // SQLite would make the file.
    if (!create && !existsSync(file)) throw missing(`there is no file ${file}`)
    database = new DatabaseSync(file)
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutInMs}`)
    // Before anything is changed: the file may be another application's.
    if (!create && !hasSchema(database)) throw missing(`${file} has no tables of taskhook`)
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal' && file !== inMemory) {
      throw new OutboxError(
        'ledger_unavailable',
        `the ledger cannot have a write-ahead log (journal mode ${String(mode)}): it must be a file on a local disk`,
      )
    }
    database.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${pagesBetweenCopies};
      PRAGMA journal_size_limit = ${logSizeLimitInBytes};
    `)
    createTables(database)
    // From here on the lock is waited for outside SQLite, see the write queue.
    database.exec('PRAGMA busy_timeout = 0')
    return database
  } catch (error) {
    database?.close()
    throw toOutboxError(error)
  }
}

function missing(what: string): OutboxError {
  return new OutboxError('ledger_missing', `${what}: nothing was made`)
}
