import type { DispatchLedger } from '@taskhook/outbox/ledger'
import type { AttemptTransactions } from './attempt-transactions.ts'
import type { ChangeWatcher } from './connection/watch-changes.ts'
import type { PostgresClient } from './connection/postgres-client.ts'
import type { LedgerContext } from './ledger-context.ts'
import { partitionCount } from './partition-count.ts'
import { prepareAcquire } from './sql/acquire.ts'
import { prepareBeat } from './sql/beat.ts'
import { prepareBury } from './sql/bury.ts'
import { prepareJoin } from './sql/join.ts'
import { prepareListDispatchers } from './sql/list-dispatchers.ts'
import { prepareNoteStarts } from './sql/note-starts.ts'
import type { OutcomeNotes } from './sql/outcome-notes.ts'
import { preparePurge } from './sql/purge.ts'
import { prepareReadBacklog } from './sql/read-backlog.ts'
import { prepareReadDue } from './sql/read-due.ts'
import { prepareReadEndpoints } from './sql/read-endpoints.ts'
import { prepareReadLines } from './sql/read-lines.ts'
import { prepareReadNew } from './sql/read-new.ts'
import { prepareReadPending } from './sql/read-pending.ts'
import { prepareRelease } from './sql/release.ts'
import { prepareSetCircuit } from './sql/set-circuit.ts'
import { prepareSettle } from './sql/settle.ts'
import { prepareShortenWaits } from './sql/shorten-waits.ts'
import type { Work } from './work.ts'

/** What the dispatcher's part of a ledger shares with the others. */
export interface DispatchLedgerOptions {
  work: Work
  watcher: ChangeWatcher
  notes: OutcomeNotes
  transactions: AttemptTransactions
}

/** The dispatcher's part of the ledger. */
export function createDispatchLedger(
  context: LedgerContext,
  { work: { check, run }, watcher, notes, transactions }: DispatchLedgerOptions,
): DispatchLedger<PostgresClient> {
  const join = prepareJoin(context)
  const beat = prepareBeat(context)
  const listDispatchers = prepareListDispatchers(context)
  const bury = prepareBury(context)
  const acquire = prepareAcquire(context)
  const release = prepareRelease(context)
  const readNew = prepareReadNew(context)
  const readBacklog = prepareReadBacklog(context)
  const readDue = prepareReadDue(context)
  const readLines = prepareReadLines(context)
  const settle = prepareSettle(context, notes.note)
  const readEndpoints = prepareReadEndpoints(context)
  const setCircuit = prepareSetCircuit(context)
  const readPending = prepareReadPending(context)
  const shortenWaits = prepareShortenWaits(context)
  const noteStarts = prepareNoteStarts(context)
  const purge = preparePurge(context)

  return {
    partitionCount,
    join: (dispatcher) => run(() => join(dispatcher)),
    beat: (dispatcherId) => run(() => beat(dispatcherId)),
    listDispatchers: () => run(listDispatchers),
    leave: (dispatcherId) => run(async () => void (await bury([{ id: dispatcherId, beat: null }]))),
    bury: (dead) => run(() => bury(dead)),
    acquire: (dispatcherId, wanted) => run(() => acquire(dispatcherId, wanted)),
    release: (dispatcherId, partitions) => run(() => release(dispatcherId, partitions)),
    readNew: (position, limit) => run(() => readNew(position, limit)),
    readBacklog: (request) => run(() => readBacklog(request)),
    readDue: (request) => run(() => readDue(request)),
    readLines: (requests) => run(() => readLines(requests)),
    settle: (dispatcherId, settlements) => run(() => settle(dispatcherId, settlements)),
    flush() {},
    noteStarts: (dispatcherId, starts, ends) => run(() => noteStarts(dispatcherId, starts, ends)),
    begin: (signal) => run(() => transactions.begin(signal)),
    checkBegin: transactions.checkBegin,
    readEndpoints: (sinceRevision) => run(() => readEndpoints(sinceRevision)),
    setCircuit: (endpointId, circuit) => run(() => setCircuit(endpointId, circuit)),
    readPending: (numbers) => run(() => readPending(numbers)),
    shortenWaits: (limit) => run(() => shortenWaits(limit)),
    purge: (olderThanInMs, limit) => run(() => purge(olderThanInMs, limit)),
    onChange(listener) {
      check()
      return watcher.watch(listener)
    },
  }
}
