import { cancelFunction } from './cancel.ts'
import { claimFunction } from './claim.ts'
import { enqueueFunctions } from './enqueue.ts'
import { lineFunctions } from './line.ts'
import { nextReadyFunction } from './next-ready-at.ts'
import { notifyFunction } from './notify.ts'
import { partitionFunctions } from './partitions.ts'
import { revokeStatements } from './privileges.ts'
import { promoteFunction } from './promote.ts'
import { recoverFunction } from './recover.ts'
import { releaseFunctions } from './release.ts'
import { resendFunction } from './resend.ts'
import { settleFunction } from './settle.ts'
import { createTables } from './tables.ts'
import { timeFunction } from './time.ts'

/**
 * The tables, one step a version; a step that was released is never changed. A version that changes only a function has an
 * empty step.
 */
export const migrations: readonly ((schema: string) => string)[] = [createTables]

/**
 * The functions of the newest version, made anew with each. Machines of the version before go on calling them while the others
 * are updated: one that takes other arguments gets another name.
 */
export function createFunctions(schema: string): string {
  return [
    timeFunction,
    lineFunctions,
    notifyFunction,
    partitionFunctions,
    promoteFunction,
    releaseFunctions,
    enqueueFunctions,
    claimFunction,
    settleFunction,
    recoverFunction,
    cancelFunction,
    resendFunction,
    nextReadyFunction,
    revokeStatements,
  ]
    .map((create) => create(schema))
    .join('\n')
}
