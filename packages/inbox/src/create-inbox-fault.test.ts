import { DatabaseSync } from 'node:sqlite'
import { createTestFile, openTestDatabase, openTestLedger } from '@taskhook/outbox/testing'
import { startTestServer, type TestServer } from '@taskhook/postgres/testing'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { recordWebhooks } from './testing/recorder.ts'
import { openInbox, startInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  return () => server.remove()
})

const unavailable = (code: string): object => ({
  code: 'inbox_unavailable',
  status: 503,
  headers: { 'retry-after': '5' },
  message: expect.stringContaining(code) as string,
  cause: { code },
})

/** The connections of the inbox to its file, to make what only they can be told. */
async function openWithConnections() {
  const connections = new Set<DatabaseSync>()
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  onTestFinished(() => exec.mockRestore())
  const { handler, webhooks } = recordWebhooks()
  const inbox = await startInbox({ store: `sqlite:${createTestFile()}`, handler })
  for (const connection of exec.mock.contexts as DatabaseSync[]) connections.add(connection)
  const tell = (statement: string): void => {
    for (const connection of connections) if (connection.isOpen) connection.exec(statement)
  }
  return { inbox, tell, webhooks }
}

test('a disk that is full is a 503, and nothing that was accepted is lost', async () => {
  const { inbox, tell, webhooks } = await openWithConnections()
  const accepted: string[] = []
  tell('PRAGMA max_page_count = 1')
  const refused = vi.fn<(error: unknown) => void>()
  // Pages that are there already are filled first.
  for (let index = 0; refused.mock.calls.length === 0 && index < 10_000; index += 1) {
    const webhook = await verified({ id: `msg_${index}`, taskId: `task-${index}` })
    await inbox.accept(webhook).then(({ id }) => accepted.push(id), refused)
  }
  expect(refused.mock.calls[0]?.[0]).toMatchObject(unavailable('ledger_full'))
  tell('PRAGMA max_page_count = 1000000')
  const again = await inbox.accept(await verified({ id: `msg_${accepted.length}` }))
  expect(again.isRepeat).toBe(false)
  await inbox.idle()
  expect(new Set(webhooks.map(({ delivery }) => delivery?.id)).size).toBe(accepted.length + 1)
})

test('a file that cannot be written is a 503, until it can be', async () => {
  const { inbox, tell, webhooks } = await openWithConnections()
  tell('PRAGMA query_only = ON')
  await expect(inbox.accept(await verified({ id: 'msg_1' }))).rejects.toMatchObject(
    unavailable('ledger_read_only'),
  )
  tell('PRAGMA query_only = OFF')
  expect(await inbox.accept(await verified({ id: 'msg_1' }))).toMatchObject({ isRepeat: false })
  await inbox.idle()
  expect(webhooks).toHaveLength(1)
})

test('a file that another connection keeps locked is a 503 in the end', async () => {
  const file = createTestFile()
  const inbox = await openInbox({ store: openTestLedger(file, { busyTimeoutInMs: 20 }) })
  const other = openTestDatabase(file)
  other.exec('BEGIN IMMEDIATE')
  await expect(inbox.accept(await verified())).rejects.toMatchObject(unavailable('ledger_busy'))
  other.exec('COMMIT')
  expect(await inbox.accept(await verified())).toMatchObject({ isRepeat: false })
})

test('a database that is stopped is a 503, and what it had is handled once it is back', async () => {
  const { handler, webhooks } = recordWebhooks()
  const inbox = await openInbox({ store: server.url, handler })
  await inbox.accept(await verified({ id: 'msg_1' }))
  await server.stop('immediate')
  await expect(inbox.accept(await verified({ id: 'msg_2' }))).rejects.toMatchObject(
    unavailable('ledger_unavailable'),
  )
  await server.start()
  expect(await inbox.accept(await verified({ id: 'msg_1' }))).toMatchObject({ isRepeat: true })
  expect(await inbox.accept(await verified({ id: 'msg_2' }))).toMatchObject({ isRepeat: false })
  await inbox.start()
  await inbox.idle()
  expect(new Set(webhooks.map(({ delivery }) => delivery?.id))).toEqual(new Set(['msg_1', 'msg_2']))
})
