import type { DatabaseSync } from 'node:sqlite'

/** The numbers that stand for endpoints in the file, see {@link createEndpointNumbers}. */
export interface EndpointNumbers {
  /** The number of an endpoint, if the file has one. */
  find(id: string): number | undefined
  /** The number of an endpoint, which is given one if it has none. */
  give(id: string): number
  /** The endpoint with a number. */
  idOf(number: number): string
  /** Forgets what is remembered, since what gave a number may have been rolled back. */
  forget(): void
}

/** Remembers the numbers of endpoints: once there, they stay as they are. */
export function createEndpointNumbers(database: DatabaseSync): EndpointNumbers {
  const findNumber = database.prepare('SELECT number FROM taskhook_endpoints WHERE id = ?')
  const findId = database.prepare('SELECT id FROM taskhook_endpoints WHERE number = ?')
  const insert = database.prepare('INSERT INTO taskhook_endpoints (id) VALUES (?)')
  const numbers = new Map<string, number>()
  const ids = new Map<number, string>()

  function remember(id: string, number: number): number {
    numbers.set(id, number)
    ids.set(number, id)
    return number
  }

  function find(id: string): number | undefined {
    const known = numbers.get(id)
    if (known !== undefined) return known
    const row = findNumber.get(id)
    return row === undefined ? undefined : remember(id, Number(row['number']))
  }

  return {
    find,
    give: (id) => find(id) ?? remember(id, Number(insert.run(id).lastInsertRowid)),
    idOf(number) {
      const known = ids.get(number)
      if (known !== undefined) return known
      const id = String(findId.get(number)?.['id'])
      remember(id, number)
      return id
    },
    forget() {
      numbers.clear()
      ids.clear()
    },
  }
}
