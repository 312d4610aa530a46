import type { Context } from '../context.ts'

/** Deletes some of the deliveries that were delivered long enough ago, and their attempts; says how many. */
export function preparePurge({ database, now }: Context): (olderThanInMs: number, limit: number) => number {
  const remove = database.prepare(`
    DELETE FROM taskhook_deliveries
    WHERE number IN (
      SELECT number FROM taskhook_deliveries INDEXED BY taskhook_deliveries_delivered
      WHERE state = 'delivered' AND settled_at < ? ORDER BY settled_at LIMIT ?
    )
    RETURNING number, attempt_count AS attemptCount
  `)
  const removeAttempts = database.prepare('DELETE FROM taskhook_attempts WHERE delivery = ?')
  const keepNumber = database.prepare('UPDATE taskhook_ledger SET deleted_number = max(deleted_number, ?)')

  return (olderThanInMs, limit) => {
    const rows = remove.all(now() - olderThanInMs, limit)
    let highest = 0
    for (const row of rows) {
      if (Number(row['attemptCount']) > 1) removeAttempts.run(row['number']!)
      highest = Math.max(highest, Number(row['number']))
    }
    if (highest > 0) keepNumber.run(highest)
    return rows.length
  }
}
