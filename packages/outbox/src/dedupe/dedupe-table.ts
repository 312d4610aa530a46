import type { DatabaseSync } from 'node:sqlite'

/**
 * One row an id. The name begins with `taskhook_`, since the file may be the application's own. When a claim ends is there
 * twice: by the clock of the machine's start, and by the time of day for those who cannot compare that.
 */
export function createDedupeTable(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS taskhook_dedupe (
      id TEXT PRIMARY KEY,
      -- The claim that has the id; NULL when it is done.
      owner TEXT,
      boot TEXT NOT NULL,
      ends_since_boot INTEGER NOT NULL,
      ends_at INTEGER NOT NULL,
      -- When the row may be deleted.
      keep_until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS taskhook_dedupe_keep_until ON taskhook_dedupe (keep_until);
  `)
}
