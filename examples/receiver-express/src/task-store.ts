import { DatabaseSync } from 'node:sqlite'
import type { TaskEvent } from '@taskhook/core'
import type { Task } from './fetch-task.ts'

/** An event that was handled. */
interface HandledEvent {
  taskId: string
  eventType: string
}

/** Shows what the handler has written. */
export interface TaskStore {
  /** The tasks as they were fetched. */
  tasks(): unknown[]
  /** The events that were handled, in that order, each one time. */
  history(): HandledEvent[]
  close(): void
}

/** Opens the tables of the receiver, in the file that its inbox is in too. */
export function openTaskStore(file: string): TaskStore {
  const database = new DatabaseSync(file, { timeout: 5000 })
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS task (task_id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS history (number INTEGER PRIMARY KEY, task_id TEXT NOT NULL, event_type TEXT NOT NULL) STRICT;
  `)
  const tasks = database.prepare('SELECT body FROM task ORDER BY rowid')
  const history = database.prepare(
    'SELECT task_id AS taskId, event_type AS eventType FROM history ORDER BY number',
  )
  return {
    tasks: () => tasks.all().map(({ body }) => JSON.parse(String(body)) as unknown),
    history: () => history.all() as unknown as HandledEvent[],
    close: () => database.close(),
  }
}

/**
 * Writes a task and what has happened to it, in the transaction in which its webhook becomes handled. A newer copy is not replaced by an
 * older one: the task may have changed again before it was fetched.
 */
export function keepTask(transaction: DatabaseSync, { taskId, eventType }: TaskEvent, task: Task): void {
  transaction
    .prepare(
      `INSERT INTO task (task_id, version, body) VALUES (?, ?, ?)
       ON CONFLICT (task_id) DO UPDATE SET version = excluded.version, body = excluded.body
       WHERE excluded.version >= task.version`,
    )
    .run(taskId, task.version, JSON.stringify(task))
  transaction.prepare('INSERT INTO history (task_id, event_type) VALUES (?, ?)').run(taskId, eventType)
}
