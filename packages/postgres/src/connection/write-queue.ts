import { isFaultOfStatement } from './postgres-error.ts'

/** Runs writes in groups, see {@link createWriteQueue}. */
export interface WriteQueue<Item, Result> {
  /** Writes an item with the next group; resolves to its result once that is committed. */
  write: (item: Item) => Promise<Result>
}

interface Waiting<Item, Result> {
  item: Item
  resolve: (result: Result | PromiseLike<Result>) => void
  reject: (error: unknown) => void
}

// Bounds how long one transaction takes, and how many locks it holds: the server has room for some 6000.
const maxItems = 500

/**
 * Group commit: the writes of one turn of the event loop, and those that come while a group is under way, go into one
 * statement, one round trip and one commit. There is one group at a time, in the order of the calls. A result may be a
 * promise, for an item that is written separately while the next groups continue.
 */
export function createWriteQueue<Item, Result>(
  run: (items: Item[]) => Promise<(Result | PromiseLike<Result>)[]>,
): WriteQueue<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let isScheduled = false
  let last = Promise.resolve()

  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    last = last.then(flush)
  }

  async function flush(): Promise<void> {
    // What else is asked in this turn comes along.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    isScheduled = false
    const group = waiting.slice(0, maxItems)
    waiting = waiting.slice(maxItems)
    if (waiting.length > 0) schedule()
    await runGroup(group)
  }

  async function runGroup(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(group.map(({ item }) => item))
      for (const [index, { resolve }] of group.entries()) resolve(results[index]!)
    } catch (error) {
      // What only one item is to blame for does not fail the others.
      if (group.length > 1 && isFaultOfStatement(error)) for (const one of group) await runGroup([one])
      else for (const { reject } of group) reject(error)
    }
  }

  return {
    write: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        schedule()
      }),
  }
}
