import { AsyncLocalStorage } from 'node:async_hooks'
import type { DatabaseSync } from 'node:sqlite'
import type { AttemptTransaction, DispatchLedger, SettleAnswer, Settlement } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { createTurns } from '../records/turns.ts'
import { openAttemptConnection, type AttemptConnection } from './attempt-connection.ts'
import { inMemory } from './open-database.ts'
import { isLocked } from './sqlite-error.ts'

/** The transactions of attempts on one file, see {@link createAttemptTransactions}. */
export interface AttemptTransactions {
  begin: DispatchLedger<DatabaseSync>['begin']
  /** @throws OutboxError `transaction_invalid`. */
  checkBegin(): void
  /**
   * Checks a write that is asked for: not by an attempt that holds what the write would wait for.
   *
   * @throws OutboxError `transaction_open`.
   */
  checkWrite(): void
  close(): void
}

/** Options of {@link createAttemptTransactions}. */
export interface AttemptTransactionsOptions {
  file: string
  busyTimeoutInMs: number
  now: () => number
  /** Resolves when those have written that wait to, in a commit of the ledger's own. */
  letOthersWrite: () => Promise<void>
  /** Writes a settlement that needs no transaction. */
  settle: DispatchLedger['settle']
  /** Checks after a commit that it went into the file. */
  afterCommit: () => void
  /** Makes what was thrown a coded error. */
  toError: (error: unknown) => OutboxError
}

/**
 * Transactions of attempts, on a connection of their own. So no read of the ledger sees what an attempt has not
 * committed, and an attempt cannot harm the connection of the ledger's own writes.
 *
 * SQLite has one writer at a time, so there is one attempt at a time, and the ledger's own writes get their turn
 * between two of them. The transaction begins when the attempt first reads it: most attempts fetch something first, and
 * others write meanwhile. From then on the ledger's writes wait, as they do for any other connection. A write that the
 * attempt itself requests would wait without end, so it is refused.
 */
export function createAttemptTransactions({
  file,
  busyTimeoutInMs,
  now,
  letOthersWrite,
  settle,
  afterCommit,
  toError,
}: AttemptTransactionsOptions): AttemptTransactions {
  const turns = createTurns(1)
  const holders = new AsyncLocalStorage<{ isOpen: boolean }>()
  let connection: AttemptConnection | undefined
  let isClosed = false

  function disconnect(): void {
    const closed = connection
    connection = undefined
    closed?.close()
  }

  function beginTransaction(): void {
    const isNew = connection === undefined
    connection ??= openAttemptConnection(file, { busyTimeoutInMs, now })
    try {
      connection.begin()
    } catch (error) {
      disconnect()
      // An earlier attempt may have left something at the connection: a transaction of its own, or a read that others have written past.
      if (isNew || isLocked(error)) throw error
      beginTransaction()
    }
  }

  function checkBegin(): void {
    if (file !== inMemory) return
    throw new OutboxError(
      'transaction_invalid',
      'transaction: a ledger in memory has no transactions for attempts: give it a file',
    )
  }

  function create(endTurn: () => void): AttemptTransaction<DatabaseSync> {
    const holder = { isOpen: false }
    let isOver = false

    function open(): DatabaseSync {
      if (isOver || isClosed) {
        throw new OutboxError(
          'transaction_invalid',
          'transaction: the attempt is over, and so is its transaction',
        )
      }
      try {
        if (!holder.isOpen) beginTransaction()
      } catch (error) {
        throw toError(error)
      }
      holder.isOpen = true
      return connection!.database
    }

    function finish(): void {
      isOver = true
      holder.isOpen = false
      endTurn()
    }

    function commit(dispatcherId: string, settlement: Settlement): SettleAnswer {
      try {
        const answer = connection?.commit(dispatcherId, settlement) ?? 'lost'
        if (answer !== 'lost') afterCommit()
        return answer
      } catch (error) {
        throw toError(error)
      } finally {
        finish()
      }
    }

    return {
      get transaction() {
        return open()
      },
      run: (attempt) => holders.run(holder, attempt),
      async commit(dispatcherId, settlement) {
        if (holder.isOpen) return commit(dispatcherId, settlement)
        // It has written nothing, and is settled with the others.
        finish()
        const [answer] = await settle(dispatcherId, [settlement])
        return answer!
      },
      async rollBack({ isAbandoned = false } = {}) {
        if (isOver) return
        if (isAbandoned) disconnect()
        else if (holder.isOpen) connection?.rollBack()
        finish()
      },
    }
  }

  return {
    async begin(signal) {
      checkBegin()
      const endTurn = await turns.take(signal)
      try {
        // This finds that the writer's place is free, without stopping this thread.
        await letOthersWrite()
        signal.throwIfAborted()
        return create(endTurn)
      } catch (error) {
        endTurn()
        throw error
      }
    },
    checkBegin,
    checkWrite() {
      if (holders.getStore()?.isOpen !== true) return
      throw new OutboxError(
        'transaction_open',
        'this attempt has an open transaction, and the two would wait for each other: pass it as { transaction }, or make this call before the transaction is used',
      )
    },
    close() {
      isClosed = true
      disconnect()
    },
  }
}
