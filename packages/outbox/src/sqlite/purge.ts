import type { DatabaseSync } from 'node:sqlite'

/** Deletes some of the deliveries that were delivered before a time, and their attempts; says how many. */
export function preparePurge(database: DatabaseSync): (deliveredBefore: number, limit: number) => number {
  const remove = database.prepare(`
    DELETE FROM taskhook_deliveries
    WHERE number IN (
      SELECT number FROM taskhook_deliveries WHERE state = 'delivered' AND settled_at < ? ORDER BY settled_at LIMIT ?
    )
    RETURNING number
  `)
  const removeAttempts = database.prepare(`DELETE FROM taskhook_attempts WHERE delivery = ?`)
  return (deliveredBefore, limit) => {
    const rows = remove.all(deliveredBefore, limit)
    for (const row of rows) removeAttempts.run(row['number']!)
    return rows.length
  }
}
