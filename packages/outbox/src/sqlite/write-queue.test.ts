import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Acceptance } from '../ledger.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { createTestFile, openTestDatabase } from '../testing/test-sqlite.ts'
import { nextTurn } from '../dispatch/next-turn.ts'
import { createContext } from './context.ts'
import { openDatabase } from './open-database.ts'
import { prepareEnqueue } from './sql/enqueue.ts'
import { toOutboxError } from './sqlite-error.ts'
import { createWriteQueue, type WriteQueue } from './write-queue.ts'

interface TestQueue {
  database: DatabaseSync
  queue: WriteQueue
  enqueue: (id: string, payload?: string) => Promise<Acceptance>
  /** The ids of what is committed, as another connection sees it. */
  committed: () => string[]
  commitCount: () => number
}

function openTestQueue(sync?: () => Promise<void>): TestQueue {
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
    sync,
    afterRollBack: () => context.endpoints.forget(),
    toError: toOutboxError,
  })
  const enqueue = prepareEnqueue(context)
  return {
    database,
    queue,
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

  test('says that it has committed before it is durable, and commits the next ones meanwhile', async () => {
    const syncs: PromiseWithResolvers<void>[] = []
    const { queue } = openTestQueue(() => {
      const sync = Promise.withResolvers<void>()
      syncs.push(sync)
      return sync.promise
    })
    const told: string[] = []
    const write = async (name: string): Promise<void> => {
      const result = queue.write(
        () => name,
        () => void told.push(`${name} committed`),
      )
      told.push(`${await result} durable`)
    }
    const first = write('first')
    while (syncs.length < 1) await nextTurn()
    const second = write('second')
    while (syncs.length < 2) await nextTurn()
    expect(told).toEqual(['first committed', 'second committed'])
    const idle = queue.idle().then(() => told.push('idle'))
    for (const { resolve } of syncs) resolve()
    await Promise.all([first, second, idle])
    expect(told.slice(2)).toEqual(['first durable', 'second durable', 'idle'])
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
