import type { AttemptEnd, AttemptStart } from '../../ledger.ts'
import type { Context } from '../context.ts'

/**
 * Notes which attempts begin, and forgets those that have ended. It returns how often in a row each delivery's attempt
 * was begun by a dispatcher that died before it settled it. A start by a dead dispatcher is counted once. From then on
 * it has not begun until it is alone. It notes nothing for one that does not own the partition: a start that comes late
 * would make the count begin anew, or count the attempt that the new owner makes.
 */
export function prepareNoteStarts({
  database,
  endpoints,
}: Context): (
  dispatcherId: string,
  starts: readonly AttemptStart[],
  ends: readonly AttemptEnd[],
) => (number | 'lost')[] {
  const findOwned = database.prepare(`
    SELECT 1 FROM taskhook_partitions WHERE endpoint = ? AND partition = ? AND owner = ? AND epoch = ?
  `)
  // No parameter has a number: Node.js 22.13 binds nothing to `?1`.
  const begin = database.prepare(`
    INSERT INTO taskhook_starts AS known (delivery, tries, dispatcher, crashes) VALUES (?, ?, ?, 0)
    ON CONFLICT (delivery) DO UPDATE SET
      crashes = CASE
        WHEN known.tries <> excluded.tries THEN 0
        ELSE known.crashes + (ifnull(known.dispatcher, excluded.dispatcher) <> excluded.dispatcher)
      END,
      dispatcher = CASE
        WHEN ? OR known.tries <> excluded.tries
          OR (known.crashes = 0 AND ifnull(known.dispatcher, excluded.dispatcher) = excluded.dispatcher)
        THEN excluded.dispatcher
      END,
      tries = excluded.tries
    RETURNING crashes
  `)
  const forget = database.prepare('DELETE FROM taskhook_starts WHERE delivery = ? AND dispatcher = ?')
  const giveUp = database.prepare(
    'UPDATE taskhook_starts SET dispatcher = NULL WHERE delivery = ? AND dispatcher = ?',
  )

  return (dispatcherId, starts, ends) => {
    for (const { number, isSettled, dispatcherId: begunBy } of ends) {
      ;(isSettled ? forget : giveUp).run(number, begunBy)
    }
    return starts.map(({ endpointId, partition, epoch, number, tries, isAlone }) => {
      const endpoint = endpoints.find(endpointId)
      const isOwned =
        endpoint !== undefined && findOwned.get(endpoint, partition, dispatcherId, epoch) !== undefined
      if (!isOwned) return 'lost'
      return Number(begin.get(number, tries, dispatcherId, isAlone ? 1 : 0)?.['crashes'])
    })
  }
}
