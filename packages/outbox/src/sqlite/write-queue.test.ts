import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Acceptance } from '../ledger.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { createTestFile, openTestDatabase } from '../testing/test-sqlite.ts'
import { createContext } from './context.ts'
import { openDatabase } from './open-database.ts'
import { prepareEnqueue } from './sql/enqueue.ts'
import { toOutboxError } from './sqlite-error.ts'
import { createWriteQueue } from './write-queue.ts'

interface TestQueue {
  database: DatabaseSync
  enqueue: (id: string, payload?: string) => Promise<Acceptance>
  /** The ids of what is committed, as another connection sees it. */
  committed: () => string[]
  commitCount: () => number
}

function openTestQueue(): TestQueue {
  const file = createTestFile()
  const database = openDatabase(file, 0)
  onTestFinished(() => database.close())
  const other = openTestDatabase(file)
  let commits = 0
  const context = createContext(database, Date.now)
  const queue = createWriteQueue(database, {
    busyTimeoutInMs: 1000,
    beforeWrite: () => {},
    afterBegin: () => context.numbers.forget(),
    beforeCommit: () => void (commits += 1),
    afterCommit: () => {},
    afterRollBack: () => context.endpoints.forget(),
    toError: toOutboxError,
  })
  const enqueue = prepareEnqueue(context)
  return {
    database,
    enqueue: (id, payload = '{}') => queue.write(() => enqueue(newDelivery(id, { payload }))),
    committed: () =>
      other
        .prepare('SELECT id FROM taskhook_deliveries ORDER BY number')
        .all()
        .map((row) => String(row['id'])),
    commitCount: () => commits,
  }
}

describe('a write queue', () => {
  test('commits what comes together at once, in the order it came', async () => {
    const { enqueue, committed, commitCount } = openTestQueue()
    const ids = Array.from({ length: 1000 }, (_, index) => `id-${index}`)
    await Promise.all(ids.map((id) => enqueue(id)))
    expect(committed()).toEqual(ids)
    expect(commitCount()).toBe(1)
  })

  test('has committed what it resolves, for others to see', async () => {
    const { enqueue, committed } = openTestQueue()
    await enqueue('1')
    expect(committed()).toEqual(['1'])
  })

  test('fails the one that is to blame, and not those beside it', async () => {
    const { enqueue, committed } = openTestQueue()
    const results = await Promise.allSettled([enqueue('1'), enqueue('1'), enqueue('2')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(committed()).toEqual(['1', '2'])
  })

  test('says that the disk is full, accepts nothing of the group, and goes on when there is room', async () => {
    const { database, enqueue, committed } = openTestQueue()
    // What SQLite makes of a full disk: the same error, from the same place.
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number }
    database.exec(`PRAGMA max_page_count = ${pages}`)
    const results = await Promise.allSettled([enqueue('1'), enqueue('2', 'x'.repeat(1_000_000))])
    expect(
      results.some((result) => result.status === 'rejected' && result.reason.code === 'ledger_full'),
    ).toBe(true)
    const accepted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []))
    expect(committed()).toEqual(accepted)

    database.exec('PRAGMA max_page_count = 1000000')
    await enqueue('3')
    expect(committed()).toEqual([...accepted, '3'])
  })

  test('says that the file is read-only, and accepts nothing', async () => {
    const { database, enqueue, committed } = openTestQueue()
    database.exec('PRAGMA query_only = ON')
    await expect(enqueue('1')).rejects.toMatchObject({ code: 'ledger_read_only' })
    expect(committed()).toEqual([])
    database.exec('PRAGMA query_only = OFF')
    await enqueue('2')
    expect(committed()).toEqual(['2'])
  })
})
