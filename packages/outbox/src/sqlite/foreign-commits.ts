import type { DatabaseSync } from 'node:sqlite'
import { prepareArrays } from './array-rows.ts'

/** Tells of commits of other connections, see {@link createForeignCommits}. */
export interface ForeignCommits {
  /** Whether there may have been one since the last call. Asked within a transaction, the answer holds until that ends. */
  happened(): boolean
}

/** Asks SQLite for its counter of what other connections commit, those of this process included. */
export function createForeignCommits(database: DatabaseSync): ForeignCommits {
  const read = prepareArrays(database, 'PRAGMA data_version')
  let known: unknown
  return {
    happened() {
      const current = read()[0]![0]
      const isSame = current === known
      known = current
      return !isSame
    },
  }
}
