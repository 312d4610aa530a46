import {
  type DeliveryFilter,
  type DeliveryPage,
  checkFilter,
  formatCursor,
  parseCursor,
  toConditions,
  toDeliveryRecord,
} from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { selectDelivered, selectUndelivered } from './record-columns.ts'

/** Lists deliveries by a filter, latest accepted or resent first, a page at a time. */
export function prepareListDeliveries({
  database: { schema, query },
  now,
}: LedgerContext): (
  filter: DeliveryFilter,
  page: { limit: number; cursor?: string | undefined },
) => Promise<DeliveryPage> {
  return async ({ state, ...filter }, { limit, cursor }) => {
    checkFilter({ state, ...filter }, limit)
    const values: unknown[] = [now()]
    const parameter = (value: unknown): string => `$${values.push(value)}`
    const where = toConditions(filter).map(
      ({ column, operator, value }) => `${column} ${operator} ${parameter(value)}`,
    )
    if (cursor !== undefined) where.push(`number < ${parameter(parseCursor(cursor))}`)
    // One more than the page holds tells whether there is another.
    const last = `ORDER BY number DESC LIMIT ${parameter(limit + 1)}`

    // Each state by itself, since each has an index of its own.
    const undelivered = (['pending', 'exhausted', 'canceled'] as const)
      .filter((one) => state === undefined || state === one)
      .map(
        (one) => `${selectUndelivered(schema)} WHERE ${[`state = '${one}'`, ...where].join(' AND ')} ${last}`,
      )
    const delivered =
      state === undefined || state === 'delivered'
        ? [`${selectDelivered(schema)} WHERE ${['true', ...where].join(' AND ')} ${last}`]
        : []
    const all = [...undelivered, ...delivered].map((part) => `(${part})`).join(' UNION ALL ')
    const rows = await query(
      `SELECT found.*, ${schema}.time_in_ms($1) AS now FROM (${all}) AS found ${last}`,
      values,
    )
    const page = rows.slice(0, limit)
    return {
      deliveries: page.map((row) => toDeliveryRecord(row, Number(row['now']))),
      ...(rows.length > limit && { nextCursor: formatCursor(Number(page.at(-1)?.['number'])) }),
    }
  }
}
