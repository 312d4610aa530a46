import type { LedgerContext } from '../ledger-context.ts'

const keysAtATime = 5000

/**
 * Drops the days that ended longer ago than a duration, by the database's time, oldest first, until `limit` deliveries
 * or more are gone. Resolves to their number, as far as the server knows it. A day that is being read is left for the
 * next time.
 */
export function preparePurge({
  database: { schema, query },
  now,
}: LedgerContext): (olderThanInMs: number, limit: number) => Promise<number> {
  const findOldest = `
    SELECT starts_at, ends_at FROM ${schema}.delivered_days WHERE ends_at <= ${schema}.time_in_ms($1) - $2::bigint
    ORDER BY starts_at LIMIT 1
  `
  const forgetKeys = `
    WITH delivery AS (
      SELECT number, id, endpoint_id, idempotency_key FROM ${schema}.delivered
      WHERE settled_at >= $1 AND settled_at < $2 AND number > $3
      ORDER BY number LIMIT ${keysAtATime}
    ), forgotten AS (
      DELETE FROM ${schema}.idempotency_keys AS key USING delivery
      WHERE key.endpoint_id = delivery.endpoint_id AND key.idempotency_key = delivery.idempotency_key
        AND key.delivery_id = delivery.id
    )
    SELECT max(number) AS last FROM delivery
  `
  const forgetStarts = `
    DELETE FROM ${schema}.starts AS known
    WHERE NOT EXISTS (SELECT FROM ${schema}.deliveries WHERE number = known.number AND settled_at IS NULL)
  `
  const drop = `SELECT ${schema}.drop_day($1) AS count`

  return async (olderThanInMs, limit) => {
    let count = 0
    await query(forgetStarts)
    while (count < limit) {
      const [oldest] = await query(findOldest, [now(), Math.ceil(olderThanInMs)])
      if (oldest === undefined) break
      let last: unknown = Number.MIN_SAFE_INTEGER
      while (last !== null) {
        const [row] = await query(forgetKeys, [oldest['starts_at'], oldest['ends_at'], last])
        last = row?.['last'] ?? null
      }
      const [dropped] = await query(drop, [oldest['starts_at']])
      const droppedCount = dropped?.['count'] ?? null
      if (droppedCount === null) break
      count += Number(droppedCount)
    }
    return count
  }
}
