import type { DatabaseSync } from 'node:sqlite'
import { hashOrderingKey } from '../records/partition-of.ts'

/** The numbers that stand for the ordering keys of endpoints, see {@link createLineNumbers}. */
export interface LineNumbers {
  /** The number of an ordering key at an endpoint, if it has one. */
  find(endpoint: number, orderingKey: string): number | undefined
  /** The number of an ordering key at an endpoint, which is given one if it has none. */
  give(endpoint: number, orderingKey: string): number
  /** The numbers of an ordering key at all endpoints. */
  findAll(orderingKey: string): number[]
}

/**
 * Looks up the numbers of lines. None is remembered: a line is removed with the last of its deliveries, by any process, and has another
 * number when it comes again. No number is given twice.
 */
export function createLineNumbers(database: DatabaseSync): LineNumbers {
  const findOne = database.prepare(
    'SELECT number FROM taskhook_lines WHERE key_hash = ? AND ordering_key = ? AND endpoint = ?',
  )
  const findSome = database.prepare(
    'SELECT number FROM taskhook_lines WHERE key_hash = ? AND ordering_key = ?',
  )
  const insert = database.prepare(
    'INSERT INTO taskhook_lines (endpoint, key_hash, ordering_key) VALUES (?, ?, ?)',
  )

  function find(endpoint: number, orderingKey: string, hash: number): number | undefined {
    const row = findOne.get(hash, orderingKey, endpoint)
    return row === undefined ? undefined : Number(row['number'])
  }

  return {
    find: (endpoint, orderingKey) => find(endpoint, orderingKey, hashOrderingKey(orderingKey)),
    give(endpoint, orderingKey) {
      const hash = hashOrderingKey(orderingKey)
      return (
        find(endpoint, orderingKey, hash) ?? Number(insert.run(endpoint, hash, orderingKey).lastInsertRowid)
      )
    },
    findAll: (orderingKey) =>
      findSome.all(hashOrderingKey(orderingKey), orderingKey).map((row) => Number(row['number'])),
  }
}
