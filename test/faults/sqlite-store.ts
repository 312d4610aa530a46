import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { OutboxContent, OutboxStore } from './outbox-store.ts'

/** An outbox in a SQLite file, which goes with it. */
export async function createSqliteStore(): Promise<OutboxStore> {
  const folder = await mkdtemp(path.join(tmpdir(), 'taskhook-faults-'))
  const file = path.join(folder, 'outbox.db')
  return {
    url: `sqlite:${file}`,
    inspect: async () => inspectFile(file),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

function inspectFile(file: string): OutboxContent {
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
