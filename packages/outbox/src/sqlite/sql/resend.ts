import { heldSince } from '../../records/held.ts'
import type { Context } from '../context.ts'

/**
 * Makes a delivery pending again, with the same id, last of its ordering key, and with its retry schedule from the
 * start. A pending or held delivery keeps its place and waits no longer. A held one starts its schedule again. False if
 * it is not known.
 */
export function prepareResend({ database, numbers, versions, now }: Context): (id: string) => boolean {
  const find = database.prepare(
    'SELECT number, endpoint, state, ready_at AS readyAt FROM taskhook_deliveries WHERE id = ?',
  )
  const hurry = database.prepare(
    'UPDATE taskhook_deliveries SET ready_at = ?, wait_in_ms = 0 WHERE number = ?',
  )
  const beginAnew = database.prepare('UPDATE taskhook_deliveries SET tries = 0 WHERE number = ?')
  // The tries of a new schedule are those that an attempt of the former one may have ended the process with.
  const forgetStart = database.prepare('DELETE FROM taskhook_starts WHERE delivery = ?')
  const renumber = database.prepare(`
    UPDATE taskhook_deliveries
    SET number = ?, state = 'pending', ready_at = NULL, wait_in_ms = NULL, tries = 0, settled_at = NULL
    WHERE number = ?
  `)
  const moveAttempts = database.prepare('UPDATE taskhook_attempts SET delivery = ? WHERE delivery = ?')

  return (id) => {
    const row = find.get(id)
    if (row === undefined) return false
    const number = Number(row['number'])
    if (row['state'] !== 'pending') {
      const moved = numbers.next()
      renumber.run(moved, number)
      moveAttempts.run(moved, number)
    } else if (row['readyAt'] !== null && Number(row['readyAt']) > now()) {
      hurry.run(now(), number)
      if (heldSince(Number(row['readyAt'])) !== undefined) {
        beginAnew.run(number)
        forgetStart.run(number)
      }
      versions.raiseRevision(Number(row['endpoint']))
    }
    return true
  }
}
