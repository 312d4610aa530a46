import type { DatabaseSync } from 'node:sqlite'
import type { OutboxError } from '../outbox-error.ts'
import type { SyncTime } from './log-sync.ts'
import { rollBack } from './roll-back.ts'
import { isBusy, isFaultOfStatement } from './sqlite-error.ts'

/** Runs writes in groups, see {@link createWriteQueue}. */
export interface WriteQueue {
  /**
   * Runs `operation` within the next transaction; resolves to its result once that is durable. Calls `onCommit` before, when it is
   * committed: from then on others see it, and a power failure may still undo it. Who gives `onCommit` goes on from there, so the sync of a group of
   * such writes may begin later.
   */
  write: <T>(operation: () => T, onCommit?: () => void) => Promise<T>
  /** Resolves when everything that is committed by now is durable or has failed. */
  synced(): Promise<void>
  /** Resolves when everything written so far is durable or has failed. */
  idle(): Promise<void>
}

/** Options of {@link createWriteQueue}. */
export interface WriteQueueOptions {
  /** How long a write waits for the lock that another connection holds. */
  busyTimeoutInMs: number
  /** Runs when a write is asked for; when it throws, the write fails. */
  beforeWrite: () => void
  /** Runs when a transaction has begun. */
  afterBegin: () => void
  /** Runs at the end of every transaction, before it is committed. */
  beforeCommit: () => void
  /** Runs after the commit and before its writes resolve; when it throws, they fail. */
  afterCommit: () => void
  /** Makes what is committed durable; its writes resolve then, and at once if it returns nothing. */
  sync?: ((time: SyncTime) => Promise<void> | undefined) | undefined
  /** Runs when a transaction was rolled back. */
  afterRollBack: () => void
  /** Makes what was thrown the error that a write fails with. */
  toError: (error: unknown) => OutboxError
}

interface Waiting {
  run: () => unknown
  onCommit: (() => void) | undefined
  resolve: (value: never) => void
  reject: (error: unknown) => void
  since: number
}

// Bounds how long one transaction keeps this thread from anything else: some 10 ms.
const maxOperations = 1000
const retryDelayInMs = 5

/**
 * Group commit: the writes that come together in one turn of the event loop share one transaction. While it is on its way to the disk,
 * the next ones are written and gather for the next sync.
 *
 * The lock is never waited for inside SQLite: that would stop this thread, and with it the application's own transaction on
 * the same file, which may be what holds the lock.
 */
export function createWriteQueue(database: DatabaseSync, options: WriteQueueOptions): WriteQueue {
  const {
    busyTimeoutInMs,
    beforeWrite,
    afterBegin,
    beforeCommit,
    afterCommit,
    sync,
    afterRollBack,
    toError,
  } = options
  // Prepared once: parsing them takes longer than what they do.
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  let waiting: Waiting[] = []
  let isScheduled = false
  /** Groups that are committed and not durable yet. */
  let syncCount = 0
  let lastSync = Promise.resolve()
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
      begin.run()
    } catch (error) {
      const cannotWait = isBusy(error) ? takeOverdue() : waiting.splice(0)
      if (cannotWait.length > 0) rejectAll(cannotWait, error)
      return next(retryDelayInMs)
    }

    const group = waiting.length > maxOperations ? waiting.splice(0, maxOperations) : waiting.splice(0)
    const results: unknown[] = []
    try {
      afterBegin()
      for (const { run } of group) results.push(run())
      beforeCommit()
      commit.run()
    } catch (error) {
      rollBack(database)
      afterRollBack()
      // What only one operation is to blame for does not fail the others, which may be anybody's: they begin again.
      const isOneToBlame = results.length < group.length && isFaultOfStatement(error)
      rejectAll(isOneToBlame ? group.splice(results.length, 1) : group.splice(0), error)
      waiting.unshift(...group)
      return next(0)
    }
    finish(group, results)
    next(0)
  }

  function finish(group: readonly Waiting[], results: readonly unknown[]): void {
    try {
      afterCommit()
    } catch (error) {
      return rejectAll(group, error)
    }
    // The disk works while this thread does what follows from the commit.
    const synced = sync?.(timeToSync(group))
    for (const { onCommit } of group) onCommit?.()
    if (synced === undefined) return resolveAll(group, results)
    syncCount += 1
    lastSync = synced
      .then(
        () => resolveAll(group, results),
        (error: unknown) => rejectAll(group, error),
      )
      .finally(() => {
        syncCount -= 1
        checkIdle()
      })
  }

  function timeToSync(group: readonly Waiting[]): SyncTime {
    if (group.every(({ onCommit }) => onCommit !== undefined)) return 'later'
    return group.length === 1 && waiting.length === 0 && syncCount === 0 ? 'alone' : 'now'
  }

  function resolveAll(group: readonly Waiting[], results: readonly unknown[]): void {
    for (const [index, { resolve }] of group.entries()) resolve(results[index] as never)
  }

  function rejectAll(failed: readonly Waiting[], error: unknown): void {
    const coded = toError(error)
    for (const { reject } of failed) reject(coded)
  }

  function takeOverdue(): Waiting[] {
    const limit = performance.now() - busyTimeoutInMs
    const overdue = waiting.filter(({ since }) => since <= limit)
    waiting = waiting.filter(({ since }) => since > limit)
    return overdue
  }

  function next(delayInMs: number): void {
    if (waiting.length > 0) schedule(delayInMs)
    else checkIdle()
  }

  function checkIdle(): void {
    if (!isIdle()) return
    for (const listener of idleListeners) listener()
    idleListeners = []
  }

  function isIdle(): boolean {
    return waiting.length === 0 && syncCount === 0
  }

  return {
    write<T>(run: () => T, onCommit?: () => void) {
      return new Promise<T>((resolve, reject) => {
        beforeWrite()
        waiting.push({ run, onCommit, resolve, reject, since: performance.now() })
        schedule()
      })
    },
    synced: () => lastSync,
    async idle() {
      if (isIdle()) return
      await new Promise<void>((resolve) => idleListeners.push(resolve))
    },
  }
}
