import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { checkGivenOptions } from '@taskhook/core'
import type { Ledger } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { checkDeliveries } from '../records/check-deliveries.ts'
import { createAttemptTransactions } from './attempt-transactions.ts'
import { createContext } from './context.ts'
import { createDispatchLedger } from './dispatch-ledger.ts'
import { prepareEnqueueWithin } from './enqueue-within.ts'
import { createFileGuard } from './file-guard.ts'
import { createForeignCommits } from './foreign-commits.ts'
import { createLedgerHealth } from './ledger-health.ts'
import { openLogSync } from './log-sync.ts'
import { createLogKeeper, emitProcessWarning, type LedgerWarning } from './log-keeper.ts'
import { inMemory, openDatabase } from './open-database.ts'
import { createOperatorLedger } from './operator-ledger.ts'
import { createOutcomeTimes } from './outcome-times.ts'
import { prepareEnqueue } from './sql/enqueue.ts'
import { createChangeWatch } from './watch-changes.ts'
import { createWriteQueue } from './write-queue.ts'

/** Options of {@link sqliteLedger}. */
export interface SqliteLedgerOptions {
  /**
   * The database's path; made if it is not there. It may be the application's own database. `:memory:` is for an application's
   * tests: nothing is kept, and no other connection, so no transaction of the application, can write to it.
   */
  file: string
  /** Whether to make the tables, and the file, if they are not there. Default true. */
  create?: boolean
  /** How long a write waits while another connection holds the write lock, in milliseconds. Default 5000. */
  busyTimeoutInMs?: number
  /** The ledger's clock: milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /** What is told that the write-ahead log has grown large. Default: a process warning. */
  onWarning?: (warning: LedgerWarning) => void
}

/**
 * The ledger on SQLite (`node:sqlite`): a file on a local disk, for any number of processes of one machine. What a promise has resolved
 * for is on the disk, and the thread does not stop for that. Writes that come together share a commit and a sync.
 *
 * The file gets a write-ahead log, and tables that begin with `taskhook_`.
 *
 * When the file is deleted or replaced, the disk has failed, or damage was found, every write is refused until the ledger is opened anew.
 *
 * @throws OptionError for an option that is not known; OutboxError `option_invalid`, `ledger_unavailable`, `ledger_read_only`, `ledger_corrupt`, `ledger_busy`,
 * `ledger_full`, `ledger_newer`; `ledger_missing` without `create`.
 */
export function sqliteLedger(options: SqliteLedgerOptions): Ledger<DatabaseSync> {
  checkGivenOptions<SqliteLedgerOptions>(options, {
    file: true,
    create: true,
    busyTimeoutInMs: true,
    now: true,
    onWarning: true,
  })
  const {
    file,
    create = true,
    busyTimeoutInMs = 5000,
    now = Date.now,
    onWarning = emitProcessWarning,
  } = options
  if (typeof file !== 'string' || file === '') throw new OutboxError('option_invalid', 'file: must be a path')
  if (!Number.isSafeInteger(busyTimeoutInMs) || busyTimeoutInMs < 0) {
    throw new OutboxError(
      'option_invalid',
      'busyTimeoutInMs: must be a whole number of milliseconds, 0 or more',
    )
  }
  // As it is now, should the working directory of the process change.
  const path = file === inMemory ? file : resolve(file)
  const database = openDatabase(path, busyTimeoutInMs, { create })
  const context = createContext(database, now)
  const guard = file === inMemory ? undefined : createFileGuard(path)
  const health = createLedgerHealth()
  const changes = createChangeWatch(database)
  const others = createForeignCommits(database)
  const log = createLogKeeper(database, path, onWarning)
  const disk = openLogSync(database, path)
  const outcomes = createOutcomeTimes(database)
  let closing: Promise<void> | undefined
  const queue = createWriteQueue(database, {
    busyTimeoutInMs,
    beforeWrite() {
      checkOpen()
      health.check()
      transactions.checkWrite()
    },
    afterBegin() {
      if (!others.happened()) return
      context.lines.forget()
      context.numbers.forget()
    },
    beforeCommit: () => outcomes.write(),
    afterCommit,
    sync: disk && ((time) => disk.sync(time)?.catch(failForGood)),
    afterRollBack() {
      context.forget()
      outcomes.forget()
    },
    toError: (error) => health.note(error),
  })

  const transactions = createAttemptTransactions({
    file: path,
    busyTimeoutInMs,
    now,
    letOthersWrite: () => new Promise((done, fail) => void queue.write(() => {}, done).catch(fail)),
    settle: (id, settlements) => dispatch.settle(id, settlements),
    afterCommit,
    toError: (error) => health.note(error),
  })

  function afterCommit(): void {
    checkFile()
    log.afterCommit()
  }

  function checkOpen(): void {
    if (closing !== undefined) throw new OutboxError('ledger_closed', 'the ledger is closed')
  }

  function checkFile(): void {
    try {
      guard?.check()
    } catch (error) {
      health.fail(health.note(error))
      throw error
    }
  }

  /** What the kernel could not write it may forget: a later sync that succeeds would say nothing of it. */
  function failForGood(cause: unknown): never {
    const message = `the disk did not take the write-ahead log of ${path}, see the cause: nothing is accepted any more. Open the ledger again once the disk is in order`
    const failure = new OutboxError('ledger_unavailable', message, { cause })
    health.fail(failure)
    throw failure
  }

  /** A write that others wait to hear of: they look when it is committed, since nothing else runs before that. */
  function change<T>(operation: () => T): Promise<T> {
    return queue.write(() => {
      changes.note()
      return operation()
    })
  }

  async function read<T>(operation: () => T): Promise<T> {
    checkOpen()
    try {
      return operation()
    } catch (error) {
      throw health.note(error)
    }
  }

  /** A read by those who act on what they see: nothing that a power failure could still undo. */
  async function look<T>(operation: () => T): Promise<T> {
    const seen = await read(operation)
    flush()
    await queue.synced()
    return seen
  }

  async function close(): Promise<void> {
    changes.close()
    flush()
    await queue.idle()
    transactions.close()
    log.close()
    disk?.close()
    database.close()
  }

  function flush(): void {
    disk?.flush()
  }

  /** A read by those who go on to attempt what they read: not of a file that their settlements cannot be written to. */
  async function readToDispatch<T>(operation: () => T): Promise<T> {
    checkOpen()
    health.check()
    return read(operation)
  }

  const access = {
    context,
    outcomes,
    changes,
    transactions,
    write: queue.write,
    flush,
    change,
    look,
    readToDispatch,
    checkOpen,
  }
  const dispatch = createDispatchLedger(access)
  const enqueue = prepareEnqueue(context)
  const enqueueWithin = prepareEnqueueWithin(path, now)

  return {
    async enqueue(deliveries, { transaction } = {}) {
      checkDeliveries(deliveries)
      if (transaction === undefined) return change(() => deliveries.map(enqueue))
      // Not later than now: the application may commit without waiting for the promise.
      return read(() => {
        health.check()
        checkFile()
        return enqueueWithin(transaction, deliveries)
      })
    },
    dispatch,
    operate: createOperatorLedger(access),
    close: () => (closing ??= close()),
  }
}
