import type { DatabaseSync } from 'node:sqlite'

/** Ends a transaction without effect. A full disk, for one, may have ended it already, which SQLite reports as an error. */
export function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // What made it necessary is reported; should a transaction still be open, the next BEGIN fails and says so.
  }
}
