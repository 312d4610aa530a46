/** An application that stores a change and sends its event in one transaction, and dies at a given point of it. */
import { DatabaseSync } from 'node:sqlite'
import { createSender } from '@taskhook/sender'
import { endWithParent, optionsFromParent } from './parent.ts'

/** Where it dies; nowhere without one. */
export type DeathPoint = 'after the commit' | 'before the commit' | 'before the event'

/** What the application is told. */
export interface TransactionProcessOptions {
  database: string
  endpoint: string
  diesAt: DeathPoint
}

const { database: file, endpoint, diesAt } = optionsFromParent<TransactionProcessOptions>()
endWithParent()

const sender = await createSender({ webHook: { enabled: true, endpoint }, outbox: `sqlite:${file}` })
const database = new DatabaseSync(file)
database.exec('PRAGMA synchronous = FULL')
database.exec('CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY)')

database.exec('BEGIN IMMEDIATE')
database.prepare('INSERT INTO tasks VALUES (?)').run('task-1')
dieAt('before the event')
await sender.send({ taskId: 'task-1', eventType: 'OrderCreated' }, { transaction: database })
dieAt('before the commit')
database.exec('COMMIT')
dieAt('after the commit')

function dieAt(point: DeathPoint): void {
  if (point === diesAt) process.kill(process.pid, 'SIGKILL')
}
