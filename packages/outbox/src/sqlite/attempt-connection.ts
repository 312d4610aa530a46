import type { DatabaseSync } from 'node:sqlite'
import type { SettleAnswer, Settlement } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { createContext } from './context.ts'
import { openDatabase } from './open-database.ts'
import { createOutcomeTimes } from './outcome-times.ts'
import { rollBack } from './roll-back.ts'
import { prepareSettle } from './sql/settle.ts'

/** The connection that attempts write through, see {@link openAttemptConnection}. */
export interface AttemptConnection {
  database: DatabaseSync
  begin(): void
  /** Settles within the transaction and commits it; `lost`, or thrown: it is rolled back. */
  commit(dispatcherId: string, settlement: Settlement): SettleAnswer
  rollBack(): void
  close(): void
}

// SQLite waits on this thread, and nothing else runs meanwhile. It was free a moment ago, so another process writes, which does not take long.
const longestWaitInMs = 1000

// Gone when the attempt has ended the transaction itself, even if it has begun another.
const savepoint = 'taskhook_attempt'

/** Opens a connection for attempts, as durable as the ledger's own. */
export function openAttemptConnection(
  file: string,
  { busyTimeoutInMs, now }: { busyTimeoutInMs: number; now: () => number },
): AttemptConnection {
  const database = openDatabase(file, busyTimeoutInMs, { create: false, createTables: () => {} })
  database.exec(`PRAGMA busy_timeout = ${Math.min(busyTimeoutInMs, longestWaitInMs)}`)
  const context = createContext(database, now)
  const outcomes = createOutcomeTimes(database)
  const settle = prepareSettle(context, outcomes)

  function undo(): void {
    rollBack(database)
    context.endpoints.forget()
    outcomes.forget()
  }

  function checkOpen(): void {
    try {
      database.exec(`RELEASE ${savepoint}`)
    } catch (error) {
      throw new OutboxError(
        'transaction_invalid',
        'transaction: it ended before the attempt. An attempt must not COMMIT or ROLLBACK it; SQLite itself rolls it back when the disk is full',
        { cause: error },
      )
    }
  }

  return {
    database,
    begin: () => database.exec(`BEGIN IMMEDIATE; SAVEPOINT ${savepoint}`),
    commit(dispatcherId, settlement) {
      try {
        checkOpen()
        const [answer = 'lost'] = settle(dispatcherId, [settlement])
        if (answer === 'lost') undo()
        else {
          outcomes.write()
          database.exec('COMMIT')
        }
        return answer
      } catch (error) {
        undo()
        throw error
      }
    },
    rollBack: undo,
    close() {
      try {
        database.close()
      } catch {
        // The attempt has closed it itself. What tells so is not there before Node.js 22.15.
      }
    },
  }
}
