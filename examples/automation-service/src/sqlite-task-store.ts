import { randomUUID } from 'node:crypto'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import type { TaskStore, TaskTransaction } from './task-store.ts'
import { taskStates, type Task, type TaskState } from './task.ts'

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;

  CREATE TABLE IF NOT EXISTS task (
    task_id       TEXT PRIMARY KEY,
    state         TEXT NOT NULL CHECK (state IN (${taskStates.map((state) => `'${state}'`).join(', ')})),
    description   TEXT NOT NULL,
    due_date      TEXT,
    document_name TEXT,
    document_url  TEXT,
    version       INTEGER NOT NULL CHECK (version > 0),
    updated_at    TEXT NOT NULL,
    CHECK ((document_name IS NULL) = (document_url IS NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS signer (
    task_id  TEXT NOT NULL REFERENCES task ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    email    TEXT NOT NULL,
    PRIMARY KEY (task_id, position)
  ) STRICT, WITHOUT ROWID;
`

/** Opens the tasks of a SQLite file, and makes it and its tables where they are missing. */
export function openSqliteTaskStore(file: string): TaskStore {
  const database = new DatabaseSync(file, { timeout: 5000 })
  database.exec(schema)

  const selectTask = database.prepare('SELECT * FROM task WHERE task_id = ?')
  const selectSigners = database.prepare('SELECT name, email FROM signer WHERE task_id = ? ORDER BY position')
  const upsertTask = database.prepare(`
    INSERT INTO task (task_id, state, description, due_date, document_name, document_url, version, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (task_id) DO UPDATE SET
      state         = excluded.state,
      description   = excluded.description,
      due_date      = excluded.due_date,
      document_name = excluded.document_name,
      document_url  = excluded.document_url,
      version       = excluded.version,
      updated_at    = excluded.updated_at
  `)
  const deleteSigners = database.prepare('DELETE FROM signer WHERE task_id = ?')
  const insertSigner = database.prepare(
    'INSERT INTO signer (task_id, position, name, email) VALUES (?, ?, ?, ?)',
  )

  function find(taskId: string): Task | undefined {
    const row = selectTask.get(taskId)
    return row && toTask(row, selectSigners.all(taskId))
  }

  function write(task: Task): Task {
    const { taskId, state, description, dueDate, document, version, updatedAt } = task
    upsertTask.run(
      taskId,
      state,
      description,
      dueDate,
      document?.name ?? null,
      document?.url ?? null,
      version,
      updatedAt,
    )
    deleteSigners.run(taskId)
    for (const [position, { name, email }] of task.signers.entries()) {
      insertSigner.run(taskId, position, name, email)
    }
    return task
  }

  const transaction: TaskTransaction = {
    connection: database,
    find: async (taskId) => find(taskId),
    create: async (fields) =>
      write({ taskId: randomUUID(), state: 'created', ...fields, version: 1, updatedAt: now() }),
    update: async (task) => write({ ...task, version: task.version + 1, updatedAt: now() }),
  }

  async function transact<Result>(work: (transaction: TaskTransaction) => Promise<Result>): Promise<Result> {
    // Immediate: the task must not change between reading and writing it, in another process either.
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = await work(transaction)
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  // One connection has one transaction: a request that comes while it is open waits.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }

  return {
    find: (taskId) => inTurn(() => find(taskId)),
    transact: (work) => inTurn(() => transact(work)),
    close: async () => database.close(),
  }
}

type Row = Record<string, SQLOutputValue>

function toTask(row: Row, signers: Row[]): Task {
  return {
    taskId: row['task_id'] as string,
    state: row['state'] as TaskState,
    description: row['description'] as string,
    dueDate: row['due_date'] as string | null,
    signers: signers.map(({ name, email }) => ({ name: name as string, email: email as string })),
    document:
      row['document_name'] === null
        ? null
        : { name: row['document_name'] as string, url: row['document_url'] as string },
    version: row['version'] as number,
    updatedAt: row['updated_at'] as string,
  }
}

function now(): string {
  return new Date().toISOString()
}
