import type { Context } from '../context.ts'
import { isHead } from './read-columns.ts'

/**
 * Gives a pending delivery up. The next one of its line may have been passed over by those who read while it waited its turn, so it is
 * due at once from now on, unless it was told to wait itself. False: not pending.
 */
export function prepareCancel({ database, versions, now }: Context): (id: string) => boolean {
  const find = database.prepare(`
    SELECT number, endpoint, line, ${isHead} AS isHead
    FROM taskhook_deliveries AS delivery WHERE id = ? AND state = 'pending'
  `)
  const cancel = database.prepare(`
    UPDATE taskhook_deliveries SET state = 'canceled', ready_at = NULL, wait_in_ms = NULL, settled_at = ? WHERE number = ?
  `)
  const makeNextDue = database.prepare(`
    UPDATE taskhook_deliveries SET ready_at = ?, wait_in_ms = 0
    WHERE ready_at IS NULL AND number = (
      SELECT number FROM taskhook_deliveries INDEXED BY taskhook_deliveries_line
      WHERE line = ? AND state = 'pending' ORDER BY number LIMIT 1
    )
  `)
  return (id) => {
    const row = find.get(id)
    if (row === undefined) return false
    const { number, endpoint, line } = row as Record<string, number>
    cancel.run(now(), number!)
    if (row['isHead'] === 1) makeNextDue.run(now(), line!)
    versions.raiseRevision(endpoint!)
    return true
  }
}
