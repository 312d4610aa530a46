import { DatabaseSync } from 'node:sqlite'

/** What an outbox's file holds. */
export interface OutboxContent {
  /** How many deliveries are in each state. */
  states: Record<string, number>
  /** What SQLite says of the file: `ok`. */
  integrity: string
}

/** Looks into an outbox's file, past everything of ours. */
export function inspectOutbox(file: string): OutboxContent {
  const database = new DatabaseSync(file)
  try {
    const rows = database
      .prepare('SELECT state, count(*) AS count FROM taskhook_deliveries GROUP BY state')
      .all()
    const integrity = database.prepare('PRAGMA integrity_check').all()
    return {
      states: Object.fromEntries(rows.map((row) => [String(row['state']), Number(row['count'])])),
      integrity: integrity.map((row) => String(row['integrity_check'])).join('; '),
    }
  } finally {
    database.close()
  }
}
