import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'

/** A row as the values of its columns, in their order. */
export type ArrayRow = readonly SQLOutputValue[]

/** Reads rows, see {@link prepareArrays}. */
export type ReadArrays = (...parameters: SQLInputValue[]) => ArrayRow[]

/** What newer versions of Node.js have: 22.16, and 24.0. */
type ArrayStatement = StatementSync & { setReturnArrays?: (isEnabled: boolean) => void }

/**
 * Prepares a statement whose rows are arrays. To make an object of a row takes `node:sqlite` longer than SQLite takes to find it, and
 * properties of such an object are slow to read.
 */
export function prepareArrays(database: Pick<DatabaseSync, 'prepare'>, sql: string): ReadArrays {
  const statement: ArrayStatement = database.prepare(sql)
  if (statement.setReturnArrays === undefined) {
    return (...parameters) => statement.all(...parameters).map((row) => Object.values(row))
  }
  statement.setReturnArrays(true)
  return (...parameters) => statement.all(...parameters) as unknown as ArrayRow[]
}
