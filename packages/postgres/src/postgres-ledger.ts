import { randomUUID } from 'node:crypto'
import { OutboxError, type Ledger, type Settlement } from '@taskhook/outbox'
import { prepareCancel } from './cancel.ts'
import { checkServer } from './check-server.ts'
import { createDatabase } from './database.ts'
import {
  prepareListEndpoints,
  prepareListPaused,
  prepareNoteCircuit,
  prepareNoteOutcomes,
  preparePause,
} from './endpoints.ts'
import { prepareEnqueue } from './enqueue.ts'
import { prepareEnqueueWithin } from './enqueue-within.ts'
import { prepareGetDelivery } from './get-delivery.ts'
import { prepareListDeliveries } from './list-deliveries.ts'
import { createLeaseQueue } from './lease-queue.ts'
import { migrate } from './migrate.ts'
import { prepareNextReadyAt } from './next-ready-at.ts'
import { checkConnectionString, lendPool, openPool, type Connections } from './open-pool.ts'
import { createOutcomeNotes } from './outcome-notes.ts'
import type { PostgresClient, PostgresPool } from './postgres-client.ts'
import { preparePurge } from './purge.ts'
import { prepareRecover } from './recover.ts'
import { prepareRelease } from './release.ts'
import { prepareRenew } from './renew.ts'
import { prepareResend } from './resend.ts'
import { nameOf, quoteSchema } from './schema-name.ts'
import { createChangeWatcher } from './watch-changes.ts'
import { createWriteQueue } from './write-queue.ts'

/** Options of {@link postgresLedger}: where the database is, `connectionString` or `pool`, and more. */
export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:port/database`; what is not in it is taken from `PGHOST` and its like. */
  connectionString?: string
  /** The application's own pool instead; the ledger does not end it. With {@link listen}, one of its connections is kept. */
  pool?: PostgresPool
  /** Where the tables are, made if it is not there. Default `taskhook`. */
  schema?: string
  /** How many connections are used at once, and one more to listen. Default 10. Not with `pool`. */
  maxConnections?: number
  /** How long a new connection may take, in milliseconds. Default 10 000. Not with `pool`. */
  connectionTimeoutInMs?: number
  /** How long a statement may take, in milliseconds; its connection is closed then. Default 30 000. */
  statementTimeoutInMs?: number
  /**
   * Whether a connection of its own listens to what other machines do: `LISTEN`, which does not work through a pooler that lends
   * connections by the transaction. There, give the URL of the server itself; or `false`: then there is a look every second.
   * Default true.
   */
  listen?: boolean | string
  /**
   * Whose time counts: that of the `database`, so that the clocks of machines do not matter, or what the `caller` says, for
   * tests. Default `database`.
   *
   * @internal
   */
  clock?: 'database' | 'caller'
  /**
   * What one partition of the delivered spans, in milliseconds; purging drops whole ones. Only counts when the tables are made.
   * Default a day.
   *
   * @internal
   */
  partitionInMs?: number
}

const dayInMs = 24 * 60 * 60 * 1000
const closeTimeoutInMs = 5000
// What is longer ends at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const maxTimerInMs = 2 ** 31 - 1

/**
 * The ledger on PostgreSQL: for any number of processes on any number of machines, which coordinate through the database alone.
 * Resolves when the database is there and its tables are as they should be.
 *
 * @throws OutboxError `option_invalid`, `ledger_unavailable`, `ledger_read_only`, `ledger_busy`, `ledger_full`, `ledger_newer`.
 */
export async function postgresLedger({
  connectionString,
  pool,
  schema = 'taskhook',
  maxConnections = 10,
  connectionTimeoutInMs = 10_000,
  statementTimeoutInMs = 30_000,
  listen = true,
  clock = 'database',
  partitionInMs = dayInMs,
}: PostgresLedgerOptions): Promise<Ledger<PostgresClient>> {
  checkPositive({ maxConnections, connectionTimeoutInMs, statementTimeoutInMs, partitionInMs })
  checkTimeouts({ connectionTimeoutInMs, statementTimeoutInMs })
  if (typeof listen === 'string') checkConnectionString('listen', listen)
  const quoted = quoteSchema(schema)
  const connections = connect()
  const database = createDatabase(connections.pool, { schema: quoted, statementTimeoutInMs })
  let ledgerId: string
  try {
    await checkServer(database)
    ledgerId = await migrate(database, { partitionInMs })
  } catch (error) {
    await connections.close()
    throw error
  }

  const now = clock === 'caller' ? (given: number) => given : () => null
  // What this ledger notifies of, it need not hear.
  const sender = randomUUID()
  const context = { now, sender }
  const watcher = createChangeWatcher({ connect: connections.listen, channel: nameOf(quoted), sender })
  const notes = createOutcomeNotes(prepareNoteOutcomes(database))

  const enqueue = createWriteQueue(prepareEnqueue(database, context))
  const leases = createLeaseQueue(database, now)
  const enqueueWithin = prepareEnqueueWithin(database, { now, ledgerId })
  const renew = prepareRenew(database, now)
  const release = prepareRelease(database, context)
  const recover = prepareRecover(database, context)
  const nextReadyAt = prepareNextReadyAt(database, now)
  const listEndpoints = prepareListEndpoints(database)
  const listPaused = prepareListPaused(database)
  const pause = preparePause(database, context)
  const noteCircuit = prepareNoteCircuit(database, now)
  const listDeliveries = prepareListDeliveries(database)
  const getDelivery = prepareGetDelivery(database)
  const resend = prepareResend(database, context)
  const cancel = prepareCancel(database, context)
  const purge = preparePurge(database)

  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  function connect(): Connections {
    if ((pool === undefined) === (connectionString === undefined)) {
      throw new OutboxError('option_invalid', 'connectionString, pool: one of them must be given')
    }
    if (connectionString !== undefined) {
      checkConnectionString('connectionString', connectionString)
      return openPool({ connectionString, maxConnections, connectionTimeoutInMs, listen })
    }
    // A Client connects too, but lends nothing.
    if (typeof pool?.connect !== 'function' || 'processID' in pool)
      throw new OutboxError('option_invalid', 'pool: must be a Pool of pg')
    return lendPool(pool, { listen, connectionTimeoutInMs })
  }

  async function run<T>(operation: () => Promise<T>): Promise<T> {
    checkOpen()
    const running = operation()
    underWay.add(running)
    try {
      return await running
    } finally {
      underWay.delete(running)
    }
  }

  function checkOpen(): void {
    if (closing !== undefined) throw new OutboxError('ledger_closed', 'the ledger is closed')
  }

  async function settleAndNote(settlement: Settlement): Promise<boolean> {
    const settled = await leases.settle(settlement)
    if (settled === undefined) return false
    notes.note(settled.endpointId, settlement.attempt.outcome === 'delivered', settled.settledAt)
    return true
  }

  async function close(): Promise<void> {
    // A server that has vanished does not answer what is under way, nor says goodbye.
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, closeTimeoutInMs)
    await Promise.race([finish(), timeout])
    clearTimeout(timer)
  }

  async function finish(): Promise<void> {
    await Promise.allSettled(underWay)
    await notes.flush().catch(() => {})
    watcher.close()
    await connections.close()
  }

  return {
    enqueue: (deliveries) => run(() => enqueue.write(deliveries)),
    // On the application's connection, whose time is its own: closing does not wait for it.
    async enqueueWithin(transaction, deliveries) {
      checkOpen()
      return enqueueWithin(transaction, deliveries)
    },

    claim: (request) => run(() => leases.claim(request)),
    settle: (settlement) => run(() => settleAndNote(settlement)),
    // Not beside a settlement, which locks the same rows in another order.
    renew: (held, leaseEndsAt, at) => run(() => leases.alone(() => renew(held, leaseEndsAt, at))),
    release: (held, at) => run(() => leases.alone(() => release(held, at))),
    recover: (isAlive, at) => run(() => leases.alone(() => recover(isAlive, at))),
    nextReadyAt: (endpointId, at) => run(() => nextReadyAt(endpointId, at)),
    onChange(listener) {
      checkOpen()
      return watcher.watch(listener)
    },

    listEndpoints: (ids) => run(() => notes.flush().then(() => listEndpoints(ids))),
    listPaused: () => run(listPaused),
    pauseEndpoint: (id, reason, at) => run(() => pause(id, reason, at)),
    resumeEndpoint: (id, at) => run(() => pause(id, null, at)),
    noteCircuit: (id, circuit) => run(() => noteCircuit(id, circuit)),

    listDeliveries: (filter, page) => run(() => listDeliveries(filter, page)),
    getDelivery: (id) => run(() => getDelivery(id)),
    resend: (id, at) => run(() => resend(id, at)),
    cancel: (id, at) => run(() => cancel(id, at)),
    purge: (deliveredBefore, limit) => run(() => purge(deliveredBefore, limit)),

    close: () => (closing ??= close()),
  }
}

function checkPositive(options: Record<string, number>): void {
  for (const [option, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new OutboxError('option_invalid', `${option}: must be a whole number, 1 or more`)
    }
  }
}

function checkTimeouts(options: Record<string, number>): void {
  for (const [option, value] of Object.entries(options)) {
    if (value > maxTimerInMs) throw new OutboxError('option_invalid', `${option}: must be 24.8 days at most`)
  }
}
