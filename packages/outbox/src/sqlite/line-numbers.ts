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
  /** Forgets what {@link LineNumbers.give} remembers: some line may be gone, or what gave it its number was rolled back. */
  forget(): void
}

// What is remembered of a line is some 100 bytes and its key.
const mostRemembered = 4096

/**
 * Looks up the numbers of lines. A line is removed with the last of its deliveries, by any process, and has another number when it comes
 * again. So only `give` remembers some, from one transaction to the next, and the code that begins a transaction says when to forget them. No
 * number is given twice.
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

  const remembered = new Map<number, Map<string, number>>()
  let rememberedCount = 0

  function forget(): void {
    remembered.clear()
    rememberedCount = 0
  }

  function remember(endpoint: number, orderingKey: string, number: number): number {
    if (rememberedCount === mostRemembered) forget()
    rememberedCount += 1
    const ofEndpoint = remembered.get(endpoint)
    if (ofEndpoint === undefined) remembered.set(endpoint, new Map([[orderingKey, number]]))
    else ofEndpoint.set(orderingKey, number)
    return number
  }

  function find(endpoint: number, orderingKey: string, hash: number): number | undefined {
    const row = findOne.get(hash, orderingKey, endpoint)
    return row === undefined ? undefined : Number(row['number'])
  }

  return {
    find: (endpoint, orderingKey) => find(endpoint, orderingKey, hashOrderingKey(orderingKey)),
    give(endpoint, orderingKey) {
      const known = remembered.get(endpoint)?.get(orderingKey)
      if (known !== undefined) return known
      const hash = hashOrderingKey(orderingKey)
      const number =
        find(endpoint, orderingKey, hash) ?? Number(insert.run(endpoint, hash, orderingKey).lastInsertRowid)
      return remember(endpoint, orderingKey, number)
    },
    findAll: (orderingKey) =>
      findSome.all(hashOrderingKey(orderingKey), orderingKey).map((row) => Number(row['number'])),
    forget,
  }
}
