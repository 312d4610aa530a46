import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { encodeTaskEvent } from '@taskhook/core'

/** A table that rows are inserted into, one commit a row. */
export interface RowTable extends Disposable {
  insertRow: () => void
}

/** Rows as large as those of the outbox, and as durable, in a table with none of its indexes and rules. */
export function openRowTable(file: string): RowTable {
  const database = new DatabaseSync(file)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE deliveries (
      number INTEGER PRIMARY KEY,
      id TEXT,
      endpoint_id TEXT,
      ordering_key TEXT,
      type TEXT,
      payload TEXT,
      accepted_at INTEGER
    ) STRICT;
  `)
  const insert = database.prepare(`
    INSERT INTO deliveries (id, endpoint_id, ordering_key, type, payload, accepted_at) VALUES (?, ?, ?, ?, ?, ?)
  `)
  return {
    insertRow() {
      const taskId = randomUUID()
      const payload = encodeTaskEvent({ taskId, eventType: 'OrderSigned' })
      insert.run(randomUUID(), 'receiver', taskId, 'OrderSigned', payload, Date.now())
    },
    [Symbol.dispose]: () => database.close(),
  }
}
