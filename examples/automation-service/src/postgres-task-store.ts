import { randomUUID } from 'node:crypto'
import { Pool, type ClientBase } from 'pg'
import type { TaskStore, TaskTransaction } from './task-store.ts'
import { taskStates, type Task, type TaskFields } from './task.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS task (
    task_id    uuid PRIMARY KEY,
    state      text NOT NULL CHECK (state IN (${taskStates.map((state) => `'${state}'`).join(', ')})),
    fields     jsonb NOT NULL,
    version    integer NOT NULL CHECK (version > 0),
    updated_at timestamptz NOT NULL
  );
`

/** Opens the tasks of a PostgreSQL database, which any number of processes may share. */
export async function openPostgresTaskStore(url: string): Promise<TaskStore> {
  const pool = new Pool({ connectionString: url })
  // One that is idle and breaks off is replaced when it is needed; without a listener it would end the process.
  pool.on('error', () => undefined)
  await pool.query(inOneProcessAtATime(schema))

  async function transact<Result>(work: (transaction: TaskTransaction) => Promise<Result>): Promise<Result> {
    const connection = await pool.connect()
    try {
      await connection.query('BEGIN')
      const result = await work({
        connection,
        // Locked: the task must not change between reading and writing it.
        find: (taskId) => find(connection, taskId, 'FOR UPDATE'),
        create: (fields) => insert(connection, fields),
        update: (task) => update(connection, task),
      })
      await connection.query('COMMIT')
      connection.release()
      return result
    } catch (error) {
      // Ended rather than rolled back: it may be what has failed.
      connection.release(true)
      throw error
    }
  }

  return {
    find: async (taskId) => find(pool, taskId),
    transact,
    close: () => pool.end(),
  }
}

// CREATE … IF NOT EXISTS fails when two of them run at the same time.
function inOneProcessAtATime(sql: string): string {
  return `BEGIN; SELECT pg_advisory_xact_lock(hashtext('automation-service')); ${sql} COMMIT;`
}

async function find(
  connection: Pick<ClientBase, 'query'>,
  taskId: string,
  locking = '',
): Promise<Task | undefined> {
  const { rows } = await connection.query<Row>(`SELECT * FROM task WHERE task_id::text = $1 ${locking}`, [
    taskId,
  ])
  return rows[0] && toTask(rows[0])
}

async function insert(connection: ClientBase, fields: TaskFields): Promise<Task> {
  const { rows } = await connection.query<Row>(
    `INSERT INTO task (task_id, state, fields, version, updated_at) VALUES ($1, 'created', $2, 1, now()) RETURNING *`,
    [randomUUID(), fields],
  )
  return toTask(rows[0] as Row)
}

async function update(
  connection: ClientBase,
  { taskId, state, version, updatedAt: _updatedAt, ...fields }: Task,
): Promise<Task> {
  const { rows } = await connection.query<Row>(
    `UPDATE task SET state = $2, fields = $3, version = $4, updated_at = now() WHERE task_id = $1 RETURNING *`,
    [taskId, state, fields, version + 1],
  )
  return toTask(rows[0] as Row)
}

interface Row {
  task_id: string
  state: Task['state']
  fields: TaskFields
  version: number
  updated_at: Date
}

function toTask({ task_id: taskId, state, fields, version, updated_at: updatedAt }: Row): Task {
  return { taskId, state, ...fields, version, updatedAt: updatedAt.toISOString() }
}
