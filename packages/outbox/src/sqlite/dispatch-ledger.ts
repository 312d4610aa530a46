import type { DatabaseSync } from 'node:sqlite'
import type { DispatchLedger } from '../ledger.ts'
import type { LedgerAccess } from './ledger-access.ts'
import { partitionCount } from './partition-count.ts'
import { prepareAcquire } from './sql/acquire.ts'
import { prepareBeat } from './sql/beat.ts'
import { prepareBury } from './sql/bury.ts'
import { prepareJoin } from './sql/join.ts'
import { prepareListDispatchers } from './sql/list-dispatchers.ts'
import { prepareNoteStarts } from './sql/note-starts.ts'
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

/** What dispatchers call. */
export function createDispatchLedger(access: LedgerAccess): DispatchLedger<DatabaseSync> {
  const { context, outcomes, changes, transactions, checkOpen } = access
  const { write, flush, change, readToDispatch: read } = access
  const join = prepareJoin(context)
  const beat = prepareBeat(context)
  const listDispatchers = prepareListDispatchers(context)
  const { leave, bury } = prepareBury(context)
  const acquire = prepareAcquire(context)
  const release = prepareRelease(context)
  const readNew = prepareReadNew(context)
  const readBacklog = prepareReadBacklog(context)
  const readDue = prepareReadDue(context)
  const readLines = prepareReadLines(context)
  const readPending = prepareReadPending(context)
  const settle = prepareSettle(context, outcomes)
  const readEndpoints = prepareReadEndpoints(context)
  const setCircuit = prepareSetCircuit(context)
  const shortenWaits = prepareShortenWaits(context)
  const noteStarts = prepareNoteStarts(context)
  const purge = preparePurge(context)

  return {
    partitionCount,
    join: (dispatcher) => change(() => join(dispatcher)),
    beat: (id) => write(() => beat(id)),
    listDispatchers: () => read(listDispatchers),
    leave: (id) => change(() => leave(id)),
    bury: (dead) => change(() => bury(dead)),
    acquire: (id, wanted) => write(() => acquire(id, wanted)),
    release: (id, partitions) => change(() => release(id, partitions)),

    readNew: (position, limit) => read(() => readNew(position, limit)),
    readBacklog: (request) => read(() => readBacklog(request)),
    readDue: (request) => read(() => readDue(request)),
    readLines: (requests) => read(() => readLines(requests)),
    readPending: (numbers) => read(() => readPending(numbers)),

    settle: (id, settlements, onCommit) => write(() => settle(id, settlements), onCommit),
    flush,
    noteStarts: (id, starts, ends) => write(() => noteStarts(id, starts, ends)),
    begin: transactions.begin,
    checkBegin: transactions.checkBegin,
    readEndpoints: (sinceRevision) => read(() => readEndpoints(sinceRevision)),
    setCircuit: (id, circuit) => change(() => setCircuit(id, circuit)),
    shortenWaits: (limit) => write(() => shortenWaits(limit)),
    purge: (olderThanInMs, limit) => write(() => purge(olderThanInMs, limit)),
    onChange(listener) {
      checkOpen()
      return changes.listen(listener)
    },
  }
}
