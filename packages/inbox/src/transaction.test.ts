import { DatabaseSync } from 'node:sqlite'
import { channels, sqliteLedger } from '@taskhook/outbox'
import { createTestFile, openTestDatabase, recordLog } from '@taskhook/outbox/testing'
import { startTestServer, type TestServer } from '@taskhook/postgres/testing'
import { Client, type ClientBase } from 'pg'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Inbox } from './inbox.ts'
import { openInbox, startInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  return () => server.remove()
})

/** A store with a table of the application in it. */
interface Store<T> {
  url: string
  /** Writes an effect through a transaction of an attempt. */
  write(transaction: T, taskId: string): Promise<void>
  /** The effects that are committed. */
  effects(): Promise<string[]>
}

function createSqlite(): Store<DatabaseSync> {
  const file = createTestFile()
  const database = openTestDatabase(file)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE effect (task_id TEXT NOT NULL) STRICT')
  return {
    url: `sqlite:${file}`,
    write: async (transaction, taskId) =>
      void transaction.prepare('INSERT INTO effect VALUES (?)').run(taskId),
    effects: async () =>
      database
        .prepare('SELECT task_id FROM effect')
        .all()
        .map((row) => String(row['task_id'])),
  }
}

async function createPostgres(): Promise<Store<ClientBase>> {
  const admin = new Client(server.url)
  await admin.connect()
  const { rows } = await admin.query<{ count: string }>('SELECT count(*) FROM pg_database')
  const name = `inbox_${rows[0]!.count}`
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const url = server.url.replace(/postgres$/v, name)
  const client = new Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('CREATE TABLE effect (task_id text NOT NULL)')
  return {
    url,
    write: async (transaction, taskId) => {
      await transaction.query('INSERT INTO effect VALUES ($1)', [taskId])
    },
    effects: async () => {
      const found = await client.query<{ task_id: string }>('SELECT task_id FROM effect')
      return found.rows.map((row) => row.task_id)
    },
  }
}

async function finished(inbox: Inbox, count: number): Promise<void> {
  await expect
    .poll(async () => (await inbox.deliveries.list({ state: 'pending' })).deliveries.length, {
      timeout: 20_000,
    })
    .toBe(0)
  expect((await inbox.deliveries.list({ state: 'delivered' })).deliveries).toHaveLength(count)
}

describe.each<[string, () => Store<unknown> | Promise<Store<unknown>>]>([
  ['SQLite', createSqlite],
  ['PostgreSQL', createPostgres],
])('with a transaction on %s', (_name, createStore) => {
  test('effects are there once, though handlers fail after they have written', async () => {
    const store = await createStore()
    const { logger } = recordLog()
    const inbox = await startInbox({
      logger,
      store: store.url,
      transaction: true,
      handler: async ({ event }, { transaction, attempt }) => {
        await store.write(transaction, event.taskId)
        if (attempt < 3) throw new Error('after the write')
      },
    })
    const taskIds = Array.from({ length: 5 }, (_, index) => `task-${index}`)
    for (const taskId of taskIds) await inbox.accept(await verified({ taskId }))
    await finished(inbox, taskIds.length)
    expect((await store.effects()).toSorted()).toEqual(taskIds)
  })

  test('an effect is not there before the webhook is handled', async () => {
    const store = await createStore()
    const written = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const inbox = await startInbox({
      store: store.url,
      transaction: true,
      handler: async ({ event }, { transaction }) => {
        await store.write(transaction, event.taskId)
        written.resolve()
        await gate.promise
      },
    })
    const { id } = await inbox.accept(await verified({ taskId: 'task-1' }))
    await written.promise
    expect(await store.effects()).toEqual([])
    gate.resolve()
    await finished(inbox, 1)
    expect(await store.effects()).toEqual(['task-1'])
    expect(await inbox.deliveries.get(id)).toMatchObject({ state: 'delivered' })
  })

  test('what a handler writes that took too long is undone, also when it writes on', async () => {
    const store = await createStore()
    const { logger } = recordLog()
    const again = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<unknown>()
    const inbox = await startInbox({
      logger,
      store: store.url,
      transaction: true,
      handlerTimeoutInMs: 50,
      handler: async ({ event }, { transaction, attempt }) => {
        if (attempt > 1) {
          again.resolve()
          return store.write(transaction, `${event.taskId} again`)
        }
        await store.write(transaction, event.taskId)
        await again.promise
        await store.write(transaction, `${event.taskId} late`).then(ended.resolve, ended.resolve)
      },
    })
    await inbox.accept(await verified({ taskId: 'task-1' }))
    await finished(inbox, 1)
    await ended.promise
    expect(await store.effects()).toEqual(['task-1 again'])
  })
})

test('the transaction is a connection of node:sqlite', async () => {
  const file = createTestFile()
  const ledger = sqliteLedger({ file })
  onTestFinished(() => ledger.close())
  const inbox = await startInbox<DatabaseSync>({
    store: ledger,
    transaction: true,
    handler: ({ event }, { transaction }) => {
      expect(transaction).toBeInstanceOf(DatabaseSync)
      transaction.exec('CREATE TABLE IF NOT EXISTS effect (task_id TEXT) STRICT')
      transaction.prepare('INSERT INTO effect VALUES (?)').run(event.taskId)
    },
  })
  const delivered = new Promise<unknown>((resolve) => {
    channels.delivered.subscribe(resolve)
  })
  const { id } = await inbox.accept(await verified({ taskId: 'task-1' }))
  expect(await delivered).toMatchObject({ id })
  expect(openTestDatabase(file).prepare('SELECT task_id FROM effect').all()).toEqual([{ task_id: 'task-1' }])
})

test('a store in memory has no transactions, and says so at once', async () => {
  await expect(openInbox({ store: 'sqlite::memory:', transaction: true })).rejects.toMatchObject({
    code: 'transaction_invalid',
  })
})
