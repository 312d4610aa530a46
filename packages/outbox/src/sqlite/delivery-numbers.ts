import type { DatabaseSync } from 'node:sqlite'

/** Gives deliveries their numbers, see {@link createDeliveryNumbers}. */
export interface DeliveryNumbers {
  /** The next number. */
  next(): number
  /** The highest number that was given so far. */
  last(): number
  /** Forgets what was given: others may have given some since, or it was rolled back. */
  forget(): void
}

/**
 * Gives numbers that rise, and none twice: SQLite itself would give the highest one again after a purge has deleted it, and a
 * dispatcher that has read past it would never see the new delivery. `AUTOINCREMENT` would write one more page for each commit.
 */
export function createDeliveryNumbers(database: DatabaseSync): DeliveryNumbers {
  const findLast = database.prepare(`
    SELECT max(deleted_number, coalesce((SELECT max(number) FROM taskhook_deliveries), 0)) AS number FROM taskhook_ledger
  `)
  const last = (): number => Number(findLast.get()?.['number'])
  let given: number | undefined
  return {
    next: () => (given = (given ?? last()) + 1),
    last,
    forget: () => void (given = undefined),
  }
}
