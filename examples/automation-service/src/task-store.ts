import { openPostgresTaskStore } from './postgres-task-store.ts'
import { openSqliteTaskStore } from './sqlite-task-store.ts'
import type { Task, TaskFields } from './task.ts'

/** The tasks, in a database. */
export interface TaskStore {
  find(taskId: string): Promise<Task | undefined>
  /** Commits all that `work` wrote when it resolves, and none of it when it rejects. */
  transact<Result>(work: (transaction: TaskTransaction) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** What can be done within a transaction. */
export interface TaskTransaction {
  /** The connection that the transaction is open on, for others who have to write in it. */
  connection: unknown
  find(taskId: string): Promise<Task | undefined>
  create(fields: TaskFields): Promise<Task>
  /** Writes the task as its next version. */
  update(task: Task): Promise<Task>
}

/** Opens the tasks of a database, `sqlite:<file>` or `postgres://…`, and makes its tables where they are missing. */
export async function openTaskStore(database: string): Promise<TaskStore> {
  return database.startsWith('sqlite:')
    ? openSqliteTaskStore(database.slice('sqlite:'.length))
    : openPostgresTaskStore(database)
}
