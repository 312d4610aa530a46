import type { DatabaseSync } from 'node:sqlite'
import { preparePromote } from './promote.ts'

/**
 * Makes a delivery pending anew, under the same id and last of its ordering key, its retry schedule from the start. One that
 * is pending already keeps its place, and is due at once when it only waited for its time; that it was to be canceled is
 * forgotten. False when it is not known.
 */
export function prepareResend(database: DatabaseSync): (id: string, readyAt: number) => boolean {
  const find = database.prepare(`
    SELECT number, state, endpoint_id AS endpointId, ordering_key AS orderingKey FROM taskhook_deliveries WHERE id = ?
  `)
  const hurry = database.prepare(`
    UPDATE taskhook_deliveries
    SET ready_at = CASE WHEN leased_by IS NULL THEN min(ready_at, ?) ELSE ready_at END, cancel_requested = 0
    WHERE number = ?
  `)
  const renumber = database.prepare(`
    UPDATE taskhook_deliveries
    SET number = (SELECT max(number) + 1 FROM taskhook_deliveries),
      state = 'pending', ready_from = :readyAt, tries = 0, settled_at = NULL
    WHERE number = :number
    RETURNING number
  `)
  const moveAttempts = database.prepare(`UPDATE taskhook_attempts SET delivery = ? WHERE delivery = ?`)
  const promote = preparePromote(database)

  return (id, readyAt) => {
    const row = find.get(id)
    if (row === undefined) return false
    const number = row['number'] as number
    if (row['state'] === 'pending') {
      hurry.run(readyAt, number)
      return true
    }
    const moved = renumber.get({ number, readyAt })?.['number'] as number
    moveAttempts.run(moved, number)
    promote(String(row['endpointId']), String(row['orderingKey']))
    return true
  }
}
