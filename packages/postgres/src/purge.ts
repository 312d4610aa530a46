import type { Database } from './database.ts'

const keysAtATime = 5000

/**
 * Drops the partitions of what was delivered before a time, oldest first, until `limit` deliveries or more have gone; resolves
 * to how many, by what the server knows of a partition. One that somebody reads at the moment is left for the next time.
 */
export function preparePurge({
  schema,
  query,
}: Database): (deliveredBefore: number, limit: number) => Promise<number> {
  const findOldest = `
    SELECT starts_at, ends_at FROM ${schema}.delivered_partitions WHERE ends_at <= $1 ORDER BY starts_at LIMIT 1
  `
  const forgetKeys = `
    WITH delivery AS (
      SELECT number, id, endpoint_id, idempotency_key FROM ${schema}.delivered
      WHERE settled_at >= $1 AND settled_at < $2 AND idempotency_key IS NOT NULL AND number > $3
      ORDER BY number LIMIT ${keysAtATime}
    ), forgotten AS (
      DELETE FROM ${schema}.idempotency_keys AS key USING delivery
      WHERE key.endpoint_id = delivery.endpoint_id AND key.idempotency_key = delivery.idempotency_key
        AND key.delivery_id = delivery.id
    )
    SELECT max(number) AS last FROM delivery
  `
  const drop = `SELECT ${schema}.drop_partition($1) AS count`

  return async (deliveredBefore, limit) => {
    let count = 0
    while (count < limit) {
      const [oldest] = await query(findOldest, [deliveredBefore])
      if (oldest === undefined) break
      let last: unknown = -1
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
