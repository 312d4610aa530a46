import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { DeliveryFilter, DeliveryPage } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { deliveryColumns, toDeliveryRecord } from './delivery-row.ts'

const conditions = {
  state: 'state = ?',
  endpointId: 'endpoint_id = ?',
  orderingKey: 'ordering_key = ?',
  type: 'type = ?',
  acceptedFrom: 'accepted_at >= ?',
  acceptedBefore: 'accepted_at < ?',
} as const satisfies Record<keyof DeliveryFilter, string>

/** Lists deliveries by a filter, latest accepted or resent first, a page at a time. */
export function prepareListDeliveries(
  database: DatabaseSync,
): (filter: DeliveryFilter, page: { limit: number; cursor?: string | undefined }) => DeliveryPage {
  // One statement for each combination of conditions.
  const statements = new Map<string, StatementSync>()

  return (filter, { limit, cursor }) => {
    const where: string[] = []
    const values: SQLInputValue[] = []
    for (const [key, condition] of Object.entries(conditions)) {
      const value = filter[key as keyof DeliveryFilter]
      if (value === undefined) continue
      where.push(condition)
      values.push(value)
    }
    // Says what SQLite cannot see from a parameter: that the index over these few has them all.
    const isUnsuccessful = filter.state === 'exhausted' || filter.state === 'canceled'
    if (isUnsuccessful && filter.orderingKey === undefined) {
      where.push("state IN ('exhausted', 'canceled')")
    }
    if (cursor !== undefined) {
      where.push('number < ?')
      values.push(readCursor(cursor))
    }
    const sql = `
      SELECT ${deliveryColumns} FROM taskhook_deliveries
      ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`}
      ORDER BY number DESC LIMIT ?
    `
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    // One more than the page holds tells whether there is another.
    const rows = statement.all(...values, limit + 1)
    const page = rows.slice(0, limit)
    return {
      deliveries: page.map(toDeliveryRecord),
      ...(rows.length > limit && { nextCursor: String(page.at(-1)?.['number']) }),
    }
  }
}

function readCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new OutboxError('option_invalid', 'cursor: must be the nextCursor of an earlier page')
}
