import type { DatabaseSync } from 'node:sqlite'
import { rollBack } from './roll-back.ts'
import { isBusy, isFaultOfStatement, toOutboxError } from './sqlite-error.ts'

/** Runs writes in groups, see {@link createWriteQueue}. */
export interface WriteQueue {
  /** Runs `operation` within the next transaction; resolves to its result once that is committed. */
  write<T>(operation: () => T): Promise<T>
  /** Resolves when everything written so far is committed or has failed. */
  idle(): Promise<void>
}

/** Options of {@link createWriteQueue}. */
export interface WriteQueueOptions {
  /** How long a write waits for the lock that another connection holds. */
  busyTimeoutInMs: number
  /** Runs at the end of every transaction, before it is committed. */
  beforeCommit: () => void
}

interface Waiting {
  run: () => unknown
  resolve: (value: never) => void
  reject: (error: unknown) => void
  since: number
}

// Bounds how long one transaction keeps this thread from anything else: some 10 ms.
const maxOperations = 1000
const retryDelayInMs = 5

/**
 * Group commit: the writes that come together in one turn of the event loop share one transaction, and so one fsync, which
 * is most of what a commit costs. While one is being written the next ones gather.
 *
 * The lock is never waited for inside SQLite: that would stop this thread, and with it the application's own transaction on
 * the same file, which may be what holds the lock.
 */
export function createWriteQueue(
  database: DatabaseSync,
  { busyTimeoutInMs, beforeCommit }: WriteQueueOptions,
): WriteQueue {
  let waiting: Waiting[] = []
  let isScheduled = false
  let idleListeners: (() => void)[] = []

  function schedule(delayInMs = 0): void {
    if (isScheduled) return
    isScheduled = true
    if (delayInMs === 0) setImmediate(flush)
    else setTimeout(flush, delayInMs)
  }

  function flush(): void {
    isScheduled = false
    try {
      database.exec('BEGIN IMMEDIATE')
    } catch (error) {
      const cannotWait = isBusy(error) ? takeOverdue() : waiting.splice(0)
      for (const { reject } of cannotWait) reject(toOutboxError(error))
      return next(retryDelayInMs)
    }

    const group = waiting.slice(0, maxOperations)
    waiting = waiting.slice(maxOperations)
    const results: unknown[] = []
    try {
      for (const { run } of group) results.push(run())
      beforeCommit()
      database.exec('COMMIT')
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as never)
    } catch (error) {
      rollBack(database)
      // What only one operation is to blame for does not fail the others, which may be anybody's: they begin again.
      const isOneToBlame = results.length < group.length && isFaultOfStatement(error)
      const failed = isOneToBlame ? group.splice(results.length, 1) : group.splice(0)
      for (const { reject } of failed) reject(toOutboxError(error))
      waiting.unshift(...group)
    }
    next(0)
  }

  function takeOverdue(): Waiting[] {
    const limit = performance.now() - busyTimeoutInMs
    const overdue = waiting.filter(({ since }) => since <= limit)
    waiting = waiting.filter(({ since }) => since > limit)
    return overdue
  }

  function next(delayInMs: number): void {
    if (waiting.length > 0) return schedule(delayInMs)
    for (const listener of idleListeners) listener()
    idleListeners = []
  }

  return {
    write<T>(run: () => T) {
      return new Promise<T>((resolve, reject) => {
        waiting.push({ run, resolve, reject, since: performance.now() })
        schedule()
      })
    },
    async idle() {
      if (waiting.length === 0) return
      await new Promise<void>((resolve) => idleListeners.push(resolve))
    },
  }
}
