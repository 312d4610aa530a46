import { acquireFunction } from '../sql/acquire.ts'
import { buryFunction } from '../sql/bury.ts'
import { cancelFunction } from '../sql/cancel.ts'
import { enqueueFunctions } from '../sql/enqueue.ts'
import { joinFunction } from '../sql/join.ts'
import { membershipLockFunction } from '../sql/membership-lock.ts'
import { noteStartsFunction } from '../sql/note-starts.ts'
import { pauseFunction } from '../sql/pause-endpoint.ts'
import { readBacklogFunction } from '../sql/read-backlog.ts'
import { readDueFunction } from '../sql/read-due.ts'
import { readLinesFunction } from '../sql/read-lines.ts'
import { readNewFunction } from '../sql/read-new.ts'
import { readPendingFunction } from '../sql/read-pending.ts'
import { releaseFunction } from '../sql/release.ts'
import { resendFunction } from '../sql/resend.ts'
import { resumeFunction } from '../sql/resume-endpoint.ts'
import { setCircuitFunction } from '../sql/set-circuit.ts'
import { settleDeliveredFunction } from '../sql/settle-delivered.ts'
import { settleFunction } from '../sql/settle.ts'
import { shortenWaitsFunction } from '../sql/shorten-waits.ts'
import { deliveredDayFunctions } from './delivered-days.ts'
import { notifyFunctions } from './notify.ts'
import { revokeStatements } from './privileges.ts'
import { timeFunction } from './time.ts'
import { versionFunctions } from './versions.ts'

/**
 * The functions of the newest version, created again with each version. Machines with the earlier version still call
 * them during an update, so a function with other arguments gets another name.
 */
export function createFunctions(schema: string): string {
  return [
    timeFunction,
    notifyFunctions,
    versionFunctions,
    deliveredDayFunctions,
    membershipLockFunction,
    enqueueFunctions,
    joinFunction,
    buryFunction,
    acquireFunction,
    releaseFunction,
    readNewFunction,
    readBacklogFunction,
    readDueFunction,
    readLinesFunction,
    readPendingFunction,
    pauseFunction,
    resumeFunction,
    setCircuitFunction,
    settleFunction,
    settleDeliveredFunction,
    noteStartsFunction,
    shortenWaitsFunction,
    cancelFunction,
    resendFunction,
    revokeStatements,
  ]
    .map((create) => create(schema))
    .join('\n')
}
