import { randomUUID } from 'node:crypto'
import { type Ledger, checkDeliveries } from '@taskhook/outbox/ledger'
import { createAttemptTransactions } from './attempt-transactions.ts'
import { checkServer } from './connection/check-server.ts'
import { connect } from './connection/connect.ts'
import { createDatabase } from './connection/database.ts'
import type { PostgresClient } from './connection/postgres-client.ts'
import { createChangeWatcher } from './connection/watch-changes.ts'
import { createDispatchLedger } from './dispatch-ledger.ts'
import { createEnqueueQueue } from './enqueue-queue.ts'
import type { LedgerContext } from './ledger-context.ts'
import { createOperatorLedger } from './operator-ledger.ts'
import { checkOptions, type PostgresLedgerOptions } from './postgres-ledger-options.ts'
import { migrate } from './schema/migrate.ts'
import { nameOf, quoteSchema } from './schema/schema-name.ts'
import { prepareEnqueueWithin } from './sql/enqueue-within.ts'
import { prepareEnqueue } from './sql/enqueue.ts'
import { prepareNoteOutcomes } from './sql/note-outcomes.ts'
import { createOutcomeNotes } from './sql/outcome-notes.ts'
import { createWork } from './work.ts'

const dayInMs = 24 * 60 * 60 * 1000
const closeTimeoutInMs = 5000
// Of a pool that does not say how many it has; 10 is the default of `pg`.
const defaultMaxConnections = 10

/**
 * The ledger on PostgreSQL: for any number of processes on any number of machines, which coordinate through the database alone.
 * Resolves when the database is there and its tables are as they should be.
 *
 * @throws OutboxError `option_invalid`, `ledger_unavailable`, `ledger_read_only`, `ledger_busy`, `ledger_full`, `ledger_newer`;
 * `ledger_missing` without `create`.
 */
export async function postgresLedger(options: PostgresLedgerOptions): Promise<Ledger<PostgresClient>> {
  checkOptions(options)
  const {
    schema = 'taskhook',
    create = true,
    statementTimeoutInMs = 30_000,
    partitionInMs = dayInMs,
  } = options
  const quoted = quoteSchema(schema)
  const connections = connect(options)
  const database = createDatabase(connections.pool, { schema: quoted, statementTimeoutInMs })
  let ledgerId: string
  try {
    await checkServer(database)
    ledgerId = await migrate(database, { create, partitionInMs })
  } catch (error) {
    await connections.close()
    throw error
  }

  const sender = randomUUID()
  const context: LedgerContext = { database, now: options.now ?? (() => null), sender }
  const watcher = createChangeWatcher({ connect: connections.listen, channel: nameOf(quoted), sender })
  const notes = createOutcomeNotes(prepareNoteOutcomes(context))
  const enqueue = createEnqueueQueue(prepareEnqueue(context))
  const enqueueWithin = prepareEnqueueWithin(context, ledgerId)
  const work = createWork()
  const transactions = createAttemptTransactions(context, {
    run: work.run,
    note: notes.note,
    connectionCount: connections.pool.options?.max ?? defaultMaxConnections,
  })

  async function finish(): Promise<void> {
    await work.end()
    await notes.flush().catch(() => {})
    watcher.close()
    await connections.close()
  }

  /** A server that has vanished answers nothing that is under way, nor says goodbye. */
  async function close(): Promise<void> {
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, closeTimeoutInMs)
    await Promise.race([finish(), timeout])
    clearTimeout(timer)
  }

  let closing: Promise<void> | undefined
  return {
    async enqueue(deliveries, { transaction } = {}) {
      work.check()
      // On the application's connection, whose time is its own: closing does not wait for it.
      if (transaction !== undefined) return enqueueWithin(transaction, deliveries)
      checkDeliveries(deliveries)
      return work.run(() => enqueue(deliveries))
    },
    dispatch: createDispatchLedger(context, { work, watcher, notes, transactions }),
    operate: createOperatorLedger(context, { work, notes }),
    close: () => (closing ??= close()),
  }
}
