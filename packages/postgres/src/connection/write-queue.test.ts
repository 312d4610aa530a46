import { describe, expect, test } from 'vitest'
import { createWriteQueue } from './write-queue.ts'

/** A queue that writes numbers and answers with their doubles; a group is committed when the test says so. */
function openTestQueue({ fail = () => undefined }: { fail?: (items: number[]) => Error | undefined } = {}) {
  const groups: number[][] = []
  let commit = Promise.withResolvers<void>()
  let began = Promise.withResolvers<void>()
  const queue = createWriteQueue<number, number>(async (items) => {
    groups.push(items)
    began.resolve()
    await commit.promise
    const error = fail(items)
    if (error !== undefined) throw error
    return items.map((item) => 2 * item)
  })
  return {
    queue,
    groups,
    /** Waits until a group is under way, commits it, and holds the next one. */
    commitNext: async (): Promise<void> => {
      await began.promise
      const { resolve } = commit
      began = Promise.withResolvers()
      commit = Promise.withResolvers()
      resolve()
    },
    commitAll: () => commit.resolve(),
  }
}

const badValue = Object.assign(new Error('duplicate'), { code: '23505' })
const connectionLost = Object.assign(new Error('lost'), { code: '08006' })

describe('the write queue', () => {
  test('writes what comes in one turn together, and answers each its own', async () => {
    const { queue, groups, commitAll } = openTestQueue()
    commitAll()
    expect(await Promise.all([1, 2, 3].map(queue.write))).toEqual([2, 4, 6])
    expect(groups).toEqual([[1, 2, 3]])
  })

  test('gathers what comes while a group is under way, for the next one', async () => {
    const { queue, groups, commitNext } = openTestQueue()
    const first = queue.write(1)
    const committed = commitNext()
    await expect.poll(() => groups).toEqual([[1]])
    const others = [queue.write(2), queue.write(3)]
    await committed
    expect(await first).toBe(2)
    await commitNext()
    expect(await Promise.all(others)).toEqual([4, 6])
    expect(groups).toEqual([[1], [2, 3]])
  })

  test('resolves nothing before its group is committed', async () => {
    const { queue, groups, commitAll } = openTestQueue()
    let isResolved = false
    const written = queue.write(1).then(() => (isResolved = true))
    await expect.poll(() => groups).toEqual([[1]])
    expect(isResolved).toBe(false)
    commitAll()
    await written
  })

  test('bounds a group, and keeps the order', async () => {
    const { queue, groups, commitAll } = openTestQueue()
    commitAll()
    const items = Array.from({ length: 1200 }, (_, index) => index)
    expect(await Promise.all(items.map(queue.write))).toEqual(items.map((item) => 2 * item))
    expect(groups.map(({ length }) => length)).toEqual([500, 500, 200])
    expect(groups.flat()).toEqual(items)
  })

  test('fails the one that is to blame, and not those beside it', async () => {
    const { queue, groups, commitAll } = openTestQueue({
      fail: (items) => (items.includes(2) ? badValue : undefined),
    })
    commitAll()
    const results = await Promise.allSettled([1, 2, 3].map(queue.write))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(groups).toEqual([[1, 2, 3], [1], [2], [3]])
  })

  test('fails all when the database is to blame, writes nothing again, and goes on', async () => {
    let isDown = true
    const { queue, groups, commitAll } = openTestQueue({ fail: () => (isDown ? connectionLost : undefined) })
    commitAll()
    const results = await Promise.allSettled([1, 2].map(queue.write))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(groups).toEqual([[1, 2]])
    isDown = false
    expect(await queue.write(3)).toBe(6)
  })

  test('goes on with the next group while an item is written apart', async () => {
    const apart = Promise.withResolvers<number>()
    const queue = createWriteQueue<number, number>(async (items) =>
      items.map((item) => (item === 1 ? apart.promise : 2 * item)),
    )
    const [first, second] = [queue.write(1), queue.write(2)]
    expect(await second).toBe(4)
    expect(await queue.write(3)).toBe(6)
    apart.resolve(2)
    expect(await first).toBe(2)
  })
})
