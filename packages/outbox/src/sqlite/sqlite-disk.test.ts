import type fs from 'node:fs'
import { copyFileSync, readFileSync, writeFileSync, type NoParamCallback } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { listIds } from '../testing/look.ts'
import { newDeliveries, newDelivery } from '../testing/new-delivery.ts'
import { createTestDirectory } from '../testing/test-directory.ts'
import { joinDispatcher } from '../testing/test-dispatcher.ts'
import { createTestFile, openTestDatabase, openTestLedger } from '../testing/test-sqlite.ts'
import { openLogSync } from './log-sync.ts'
import { openDatabase } from './open-database.ts'

type Sync = (descriptor: number, callback: NoParamCallback) => void

const disk = vi.hoisted(() => ({
  sync: undefined as Sync | undefined,
  syncHere: undefined as ((descriptor: number) => void) | undefined,
}))

// A disk cannot be made to fail, nor a machine to lose its power.
vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>()
  const fdatasync: Sync = (descriptor, callback) => (disk.sync ?? original.fdatasync)(descriptor, callback)
  const fdatasyncSync = (descriptor: number): void => (disk.syncHere ?? original.fdatasyncSync)(descriptor)
  return { ...original, fdatasync, fdatasyncSync }
})

function restoreDisk(): void {
  disk.sync = undefined
  disk.syncHere = undefined
}
beforeEach(restoreDisk)
afterEach(restoreDisk)

/** Keeps what a power failure would leave of a ledger's file: the log, as it was when the latest sync that has ended began. */
function watchDisk(file: string) {
  const log = `${file}-wal`
  let synced = readFileSync(log)
  let syncCount = 0
  disk.sync = (_descriptor, callback) => {
    const written = readFileSync(log)
    syncCount += 1
    // Some turns later, so that others commit meanwhile.
    setImmediate(() =>
      setImmediate(() => {
        synced = written
        callback(null)
      }),
    )
  }
  disk.syncHere = () => {
    synced = readFileSync(log)
    syncCount += 1
  }
  return {
    syncCount: () => syncCount,
    /** The ids of the deliveries that are still there after a power failure now, and what they are. */
    cutPower: (): Map<string, string> => {
      const copy = join(createTestDirectory(), 'ledger.db')
      copyFileSync(file, copy)
      // Of what came after the sync, the disk may have any part.
      const written = readFileSync(log)
      const torn = written.subarray(
        synced.length,
        synced.length + Math.floor((written.length - synced.length) / 2),
      )
      writeFileSync(`${copy}-wal`, Buffer.concat([synced, torn]))
      const database = new DatabaseSync(copy)
      const rows = database.prepare('SELECT id, state FROM taskhook_deliveries').all()
      database.close()
      return new Map(rows.map(({ id, state }) => [String(id), String(state)]))
    },
  }
}

test('SQLite does not sync what the ledger syncs', () => {
  const file = createTestFile()
  const database = openDatabase(file, 0)
  onTestFinished(() => database.close())
  const log = openLogSync(database, file)
  onTestFinished(() => log?.close())
  // 1 is NORMAL.
  expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 1 })
})

describe('a power failure', () => {
  test('leaves everything that was accepted', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const { cutPower, syncCount } = watchDisk(file)
    const accepted: string[] = []
    const losses: string[] = []
    async function accept(id: string): Promise<void> {
      await ledger.enqueue([newDelivery(id)])
      accepted.push(id)
      const left = cutPower()
      losses.push(...accepted.filter((one) => !left.has(one)))
    }
    const senders = Array.from({ length: 5 }, async (_, sender) => {
      for (let event = 0; event < 4; event += 1) {
        for (let turn = 0; turn < sender; turn += 1) {
          await new Promise<void>((resolve) => void setImmediate(resolve))
        }
        await accept(`${sender}-${event}`)
      }
    })
    await Promise.all(senders)
    expect(accepted).toHaveLength(20)
    expect(losses).toEqual([])
    expect(syncCount()).toBeGreaterThan(4)
  })

  test('leaves the settlements that were written down, and those that they followed', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const { cutPower } = watchDisk(file)
    const dispatcher = await joinDispatcher(ledger)
    await ledger.enqueue(newDeliveries(['1', '2', '3']))
    for (const delivery of await dispatcher.readReady()) {
      await dispatcher.settle(delivery)
      expect(cutPower().get(delivery.id)).toBe('delivered')
    }
  })

  test('leaves what a repeat is told that it repeats, although another connection has not waited for it yet', async () => {
    const file = createTestFile()
    const [first, second] = [openTestLedger(file), openTestLedger(file)]
    const { cutPower } = watchDisk(file)
    const accepted = first.enqueue([newDelivery('1', { idempotencyKey: 'key' })])
    const repeated = second.enqueue([newDelivery('2', { idempotencyKey: 'key' })])
    expect(await repeated).toEqual([{ id: '1', isRepeat: true }])
    expect([...cutPower().keys()]).toEqual(['1'])
    await accepted
  })
})

test('a ledger in memory waits for no disk', async () => {
  disk.sync = () => expect.unreachable()
  await openTestLedger(':memory:').enqueue([newDelivery('1')])
})

test('the thread goes on while the disk is slow; who looks and who closes waits for it', async () => {
  const file = createTestFile()
  const ledger = openTestLedger(file)
  let finish: NoParamCallback | undefined
  disk.sync = (_descriptor, callback) => void (finish = callback)
  const ended: string[] = []
  const accepted = ledger.enqueue([newDelivery('1')]).then(() => ended.push('accepted'))
  while (finish === undefined) await new Promise<void>((resolve) => void setImmediate(resolve))
  // Committed, and so there for others to see; and not accepted yet.
  expect(openTestDatabase(file).prepare('SELECT id FROM taskhook_deliveries').all()).toEqual([{ id: '1' }])
  const looked = listIds(ledger).then((ids) => ended.push(`seen: ${ids.join()}`))
  for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve))
  const closed = ledger.close().then(() => ended.push('closed'))
  expect(ended).toEqual([])
  finish(null)
  await Promise.all([accepted, looked, closed])
  expect(ended.toSorted()).toEqual(['accepted', 'closed', 'seen: 1'])
})

test('a write that is alone waits for a quick disk in the thread, and for one that fails there as well', async () => {
  const file = createTestFile()
  const ledger = openTestLedger(file)
  const calls: string[] = []
  disk.sync = (_descriptor, callback) => {
    calls.push('beside')
    callback(null)
  }
  disk.syncHere = () => void calls.push('here')
  // The first one says how quick the disk is.
  for (const id of ['1', '2']) await ledger.enqueue([newDelivery(id)])
  await Promise.all(['3', '4'].map((id) => ledger.enqueue([newDelivery(id)])))
  expect(calls).toEqual(['beside', 'here', 'beside'])

  disk.syncHere = () => {
    throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
  }
  const unavailable = { code: 'ledger_unavailable' }
  await expect(ledger.enqueue([newDelivery('5')])).rejects.toMatchObject(unavailable)
  await expect(ledger.enqueue([newDelivery('6')])).rejects.toMatchObject(unavailable)
})

/** A few turns of the event loop: enough for what follows from a commit, or from a sync. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve))
}

/** A ledger with three deliveries, which a dispatcher settles; each time, it resolves when that is committed. */
async function openSettled() {
  const file = createTestFile()
  const ledger = openTestLedger(file)
  const dispatcher = await joinDispatcher(ledger)
  await ledger.enqueue(newDeliveries(['1', '2', '3']))
  const deliveries = await dispatcher.readReady()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const watched = watchDisk(file)
  const ended: string[] = []
  const settle = async (place: number): Promise<void> => {
    const delivery = deliveries[place]!
    const { promise: committed, resolve: onCommit } = Promise.withResolvers<void>()
    void ledger.dispatch
      .settle(dispatcher.id, [dispatcher.toSettlement(delivery)], onCommit)
      .then(() => ended.push(delivery.id))
    await committed
  }
  return { ...watched, ledger, settle, ended }
}

describe('settlements whose dispatcher has something else to do', () => {
  test('share a sync, which begins after 5 ms', async () => {
    const { ended, settle, syncCount } = await openSettled()
    await settle(0)
    await settle(1)
    await turns()
    vi.advanceTimersByTime(4)
    await turns()
    expect({ syncs: syncCount(), ended }).toEqual({ syncs: 0, ended: [] })
    vi.advanceTimersByTime(1)
    await turns()
    expect({ syncs: syncCount(), ended }).toEqual({ syncs: 1, ended: ['1', '2'] })
  })

  test('are on the disk as soon as somebody waits for them: the dispatcher, who looks, who closes', async () => {
    const { ended, ledger, settle, syncCount } = await openSettled()
    await settle(0)
    ledger.dispatch.flush()
    await turns()
    expect({ syncs: syncCount(), ended }).toEqual({ syncs: 1, ended: ['1'] })
    await settle(1)
    await listIds(ledger)
    expect({ syncs: syncCount(), ended }).toEqual({ syncs: 2, ended: ['1', '2'] })
    await settle(2)
    await ledger.close()
    expect({ syncs: syncCount(), ended }).toEqual({ syncs: 3, ended: ['1', '2', '3'] })
  })

  test('come along with what is accepted', async () => {
    const { cutPower, ended, ledger, settle, syncCount } = await openSettled()
    await settle(0)
    await ledger.enqueue([newDelivery('4')])
    await turns()
    expect({ syncs: syncCount(), ended }).toEqual({ syncs: 1, ended: ['1'] })
    expect(Object.fromEntries(cutPower())).toMatchObject({ 1: 'delivered', 4: 'pending' })
  })
})

// A sync that succeeds after one that failed says nothing of what the first one should have written.
test('a disk that fails ends everything until the ledger is opened anew', async () => {
  const file = createTestFile()
  const ledger = openTestLedger(file)
  const broken = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
  disk.sync = (_descriptor, callback) => setImmediate(callback, broken)
  const unavailable = {
    code: 'ledger_unavailable',
    message: expect.stringMatching(/the disk did not take/),
    cause: broken,
  }
  await expect(ledger.enqueue([newDelivery('1')])).rejects.toMatchObject(unavailable)
  disk.sync = undefined
  await expect(ledger.enqueue([newDelivery('2')])).rejects.toMatchObject(unavailable)
  await expect(ledger.dispatch.readNew(undefined, 1)).rejects.toMatchObject(unavailable)
  await ledger.close()
  await openTestLedger(file).enqueue([newDelivery('3')])
})
