import type { DatabaseSync } from 'node:sqlite'
import type { NewDelivery } from '../delivery.ts'
import type { Acceptance, Ledger, Settlement } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { allOrNone } from './all-or-none.ts'
import { prepareCancel } from './cancel.ts'
import { checkTransaction } from './check-transaction.ts'
import { prepareClaim } from './claim.ts'
import {
  prepareListEndpoints,
  prepareListPaused,
  prepareNoteCircuit,
  prepareNoteOutcomes,
  preparePause,
} from './endpoints.ts'
import { prepareEnqueue } from './enqueue.ts'
import { prepareGetDelivery } from './get-delivery.ts'
import { prepareListDeliveries } from './list-deliveries.ts'
import { prepareNextReadyAt } from './next-ready-at.ts'
import { openDatabase } from './open-database.ts'
import { preparePurge } from './purge.ts'
import { prepareFindAbandoned } from './recover.ts'
import { prepareRelease } from './release.ts'
import { prepareRenew } from './renew.ts'
import { prepareResend } from './resend.ts'
import { prepareSettle } from './settle.ts'
import { toOutboxError } from './sqlite-error.ts'
import { watchChanges } from './watch-changes.ts'
import { createWriteQueue } from './write-queue.ts'

/** Options of {@link sqliteLedger}. */
export interface SqliteLedgerOptions {
  /** The database's path; made if it is not there. It may be the application's own database. */
  file: string
  /** How long a write waits while another connection holds the write lock, in milliseconds. Default 5000. */
  busyTimeoutInMs?: number
}

/**
 * The ledger on SQLite (`node:sqlite`): a file on a local disk, for any number of processes of one machine. Commits wait for
 * the disk (`synchronous = FULL`), and those that come together share one.
 *
 * The file gets a write-ahead log, and tables that begin with `taskhook_`.
 *
 * @throws OutboxError `option_invalid`, `ledger_unavailable`, `ledger_read_only`, `ledger_corrupt`, `ledger_busy`,
 * `ledger_full`, `ledger_newer`.
 */
export function sqliteLedger({ file, busyTimeoutInMs = 5000 }: SqliteLedgerOptions): Ledger<DatabaseSync> {
  if (typeof file !== 'string' || file === '') throw new OutboxError('option_invalid', 'file: must be a path')
  if (!Number.isSafeInteger(busyTimeoutInMs) || busyTimeoutInMs < 0) {
    throw new OutboxError(
      'option_invalid',
      'busyTimeoutInMs: must be a whole number of milliseconds, 0 or more',
    )
  }
  const database = openDatabase(file, busyTimeoutInMs)

  // The latest outcome at each endpoint, written once a commit rather than once a settlement.
  const outcomes = new Map<string, { successAt?: number; failureAt?: number }>()
  const noteOutcomes = prepareNoteOutcomes(database)
  const queue = createWriteQueue(database, {
    busyTimeoutInMs,
    beforeCommit() {
      for (const [endpointId, times] of outcomes) noteOutcomes(endpointId, times)
      outcomes.clear()
    },
  })

  const enqueue = prepareEnqueue(database)
  const claim = prepareClaim(database)
  const settle = prepareSettle(database)
  const renew = prepareRenew(database)
  const release = prepareRelease(database)
  const findAbandoned = prepareFindAbandoned(database)
  const nextReadyAt = prepareNextReadyAt(database)
  const listEndpoints = prepareListEndpoints(database)
  const listPaused = prepareListPaused(database)
  const pause = preparePause(database)
  const noteCircuit = prepareNoteCircuit(database)
  const listDeliveries = prepareListDeliveries(database)
  const getDelivery = prepareGetDelivery(database)
  const resend = prepareResend(database)
  const cancel = prepareCancel(database)
  const purge = preparePurge(database)

  const within = new WeakMap<DatabaseSync, (delivery: NewDelivery) => Acceptance>()
  const watchers = new Set<() => void>()
  let closing: Promise<void> | undefined

  async function write<T>(operation: () => T): Promise<T> {
    checkOpen()
    return queue.write(operation)
  }

  async function read<T>(operation: () => T): Promise<T> {
    checkOpen()
    try {
      return operation()
    } catch (error) {
      throw toOutboxError(error)
    }
  }

  function checkOpen(): void {
    if (closing !== undefined) throw new OutboxError('ledger_closed', 'the ledger is closed')
  }

  async function close(): Promise<void> {
    for (const end of watchers) end()
    await queue.idle()
    database.close()
  }

  function settleAndNote(settlement: Settlement): boolean {
    const settled = settle(settlement)
    if (settled === undefined) return false
    const times = outcomes.get(settled.endpointId) ?? {}
    times[settled.isSuccess ? 'successAt' : 'failureAt'] = settlement.now
    outcomes.set(settled.endpointId, times)
    return true
  }

  return {
    enqueue: (deliveries) => write(() => deliveries.map(enqueue)),
    // Not later than now: the application may commit without waiting for the promise.
    enqueueWithin: (transaction, deliveries) =>
      read(() => {
        checkTransaction(transaction, file)
        const enqueueThere = within.get(transaction) ?? prepareEnqueue(transaction)
        within.set(transaction, enqueueThere)
        return allOrNone(transaction, () => deliveries.map(enqueueThere))
      }),

    claim: (request) => write(() => claim(request)),
    settle: (settlement) => write(() => settleAndNote(settlement)),
    renew: (leases, leaseEndsAt) => write(() => leases.filter((lease) => renew(lease, leaseEndsAt))),
    release: (leases, now) =>
      write(() => {
        for (const lease of leases) release(lease, now)
      }),
    recover: (isAlive, now) =>
      write(() => {
        const abandoned = findAbandoned(isAlive)
        for (const lease of abandoned) release(lease, now)
        return abandoned.length
      }),
    nextReadyAt: (endpointId) => read(() => nextReadyAt(endpointId)),
    onChange(listener) {
      checkOpen()
      const end = watchChanges(database, listener)
      watchers.add(end)
      return () => {
        watchers.delete(end)
        end()
      }
    },

    listEndpoints: (ids) => read(() => listEndpoints(ids)),
    listPaused: () => read(listPaused),
    pauseEndpoint: (id, reason, now) => write(() => pause(id, reason, now)),
    resumeEndpoint: (id, now) => write(() => pause(id, null, now)),
    noteCircuit: (id, circuit) => write(() => noteCircuit(id, circuit)),

    listDeliveries: (filter, page) => read(() => listDeliveries(filter, page)),
    getDelivery: (id) => read(() => getDelivery(id)),
    resend: (id, readyAt) => write(() => resend(id, readyAt)),
    cancel: (id, now) => write(() => cancel(id, now)),
    purge: (deliveredBefore, limit) => write(() => purge(deliveredBefore, limit)),

    close: () => (closing ??= close()),
  }
}
