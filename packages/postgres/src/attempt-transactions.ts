import { randomUUID } from 'node:crypto'
import { OutboxError } from '@taskhook/outbox'
import {
  createTurns,
  type AttemptTransaction,
  type DispatchLedger,
  type Settlement,
} from '@taskhook/outbox/ledger'
import type { LentConnection } from './connection/database.ts'
import { orAborted } from './connection/or-aborted.ts'
import type { PostgresClient } from './connection/postgres-client.ts'
import { toOutboxError } from './connection/postgres-error.ts'
import type { LedgerContext } from './ledger-context.ts'
import { prepareSettleWithin } from './sql/settle-within.ts'
import type { Work } from './work.ts'

/** The transactions of attempts, see {@link createAttemptTransactions}. */
export type AttemptTransactions = Pick<DispatchLedger<PostgresClient>, 'begin' | 'checkBegin'>

/** Options of {@link createAttemptTransactions}. */
export interface AttemptTransactionsOptions {
  run: Work['run']
  /** Notes when an endpoint took a delivery. */
  note: (endpointId: string, isSuccess: boolean, at: number) => void
  /** How many connections the pool has. */
  connectionCount: number
}

/**
 * Transactions of attempts, each on a connection of the pool. Half of them at the most: the ledger needs some to go on, and so do attempts that
 * ask for something outside their transaction.
 */
export function createAttemptTransactions(
  context: LedgerContext,
  { run, note, connectionCount }: AttemptTransactionsOptions,
): AttemptTransactions {
  const turns = createTurns(Math.max(1, Math.floor(connectionCount / 2)))
  const settle = prepareSettleWithin(context)

  function create(
    lent: LentConnection,
    attempt: string,
    endTurn: () => void,
  ): AttemptTransaction<PostgresClient> {
    let isOver = false

    function finish(isToBeEnded: boolean): void {
      if (isOver) return
      isOver = true
      lent.giveBack(isToBeEnded)
      endTurn()
    }

    async function rollBack(): Promise<void> {
      if (isOver) return
      try {
        await lent.query('ROLLBACK')
        finish(false)
      } catch {
        // The database rolls back what has no connection any more.
        finish(true)
      }
    }

    async function commit(dispatcherId: string, settlement: Settlement): Promise<'delivered' | 'lost'> {
      await checkOpen(lent, attempt)
      const settled = await settle(lent.query, dispatcherId, settlement)
      if (settled === undefined) {
        await rollBack()
        return 'lost'
      }
      if (settled.attempt !== attempt) throw endedBefore()
      if (!settled.isDurable) await lent.query('SET LOCAL synchronous_commit = on')
      await lent.query('COMMIT')
      finish(false)
      note(settlement.endpointId, true, settled.settledAt)
      return 'delivered'
    }

    return {
      transaction: lent.connection,
      run: (operation) => operation(),
      async commit(dispatcherId, settlement) {
        try {
          return await run(() => commit(dispatcherId, settlement))
        } catch (error) {
          const coded = toOutboxError(error)
          // What does not answer is not asked again.
          if (coded.code === 'ledger_unavailable') finish(true)
          else await rollBack()
          throw coded
        }
      },
      async rollBack({ isAbandoned = false } = {}) {
        if (isAbandoned) finish(true)
        else await rollBack()
      },
    }
  }

  function checkBegin(): void {
    if (connectionCount >= 2) return
    throw new OutboxError(
      'transaction_invalid',
      'transaction: attempts with transactions need a pool of 2 connections or more, because each one keeps a connection',
    )
  }

  return {
    async begin(signal) {
      checkBegin()
      const endTurn = await turns.take(signal)
      let lent: LentConnection | undefined
      try {
        lent = await orAborted(context.database.lend(), signal, (late) => late.giveBack(false))
        // Local to this transaction, so that it differs from one that the attempt has begun itself. It is no SELECT,
        // because the attempt may still choose another isolation level.
        const attempt = randomUUID()
        const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL taskhook.attempt = '${attempt}'`
        await orAborted(lent.query(begin), signal)
        return create(lent, attempt, endTurn)
      } catch (error) {
        lent?.giveBack(true)
        endTurn()
        throw signal.aborted ? error : toOutboxError(error)
      }
    },
    checkBegin,
  }
}

/** What is not in a transaction is committed by itself, and the settlement must not be. */
async function checkOpen({ connection, query }: LentConnection, attempt: string): Promise<void> {
  const status = connection.getTransactionStatus?.()
  if (status === 'I') throw endedBefore()
  if (status !== undefined && status !== null) return
  const [row] = await query("SELECT current_setting('taskhook.attempt', true) AS attempt")
  if (row?.['attempt'] !== attempt) throw endedBefore()
}

function endedBefore(): OutboxError {
  return new OutboxError(
    'transaction_invalid',
    'transaction: it ended before the attempt. An attempt must not COMMIT or ROLLBACK it',
  )
}
