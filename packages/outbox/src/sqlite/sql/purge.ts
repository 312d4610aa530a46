import type { Context } from '../context.ts'

/**
 * Deletes some of the deliveries that were delivered long enough ago, their attempts, and their lines if nothing else is of them; says how
 * many deliveries.
 */
export function preparePurge({
  database,
  lines,
  now,
}: Context): (olderThanInMs: number, limit: number) => number {
  const remove = database.prepare(`
    DELETE FROM taskhook_deliveries
    WHERE number IN (
      SELECT number FROM taskhook_deliveries INDEXED BY taskhook_deliveries_delivered
      WHERE state = 'delivered' AND settled_at < ? ORDER BY settled_at LIMIT ?
    )
    RETURNING number, line, attempt_count AS attemptCount
  `)
  const removeAttempts = database.prepare('DELETE FROM taskhook_attempts WHERE delivery = ?')
  // The last line stays: SQLite would give its number to another one, and who has just looked it up would read that.
  const removeEmptyLine = database.prepare(`
    DELETE FROM taskhook_lines
    WHERE number = ? AND number < (SELECT max(number) FROM taskhook_lines) AND NOT EXISTS (
      SELECT 1 FROM taskhook_deliveries INDEXED BY taskhook_deliveries_history WHERE line = ?
    )
  `)
  const removeStarts = database.prepare(`
    DELETE FROM taskhook_starts
    WHERE NOT EXISTS (
      SELECT 1 FROM taskhook_deliveries AS delivery NOT INDEXED
      WHERE delivery.number = taskhook_starts.delivery AND delivery.state = 'pending'
    )
  `)
  const keepNumber = database.prepare('UPDATE taskhook_ledger SET deleted_number = max(deleted_number, ?)')

  return (olderThanInMs, limit) => {
    const rows = remove.all(now() - olderThanInMs, limit)
    let highest = 0
    for (const row of rows) {
      if (Number(row['attemptCount']) > 1) removeAttempts.run(row['number']!)
      highest = Math.max(highest, Number(row['number']))
    }
    for (const line of new Set(rows.map((row) => row['line']))) removeEmptyLine.run(line!, line!)
    lines.forget()
    if (highest > 0) keepNumber.run(highest)
    removeStarts.run()
    return rows.length
  }
}
