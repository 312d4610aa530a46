import {
  type DeliveryFilter,
  type DeliveryPage,
  type PageRequest,
  checkFilter,
  formatCursor,
  parseCursor,
  toDeliveryRecord,
} from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { filterDeliveries } from './filter-deliveries.ts'
import { selectDelivered, selectUndelivered } from './record-columns.ts'

/** Lists deliveries by a filter, latest accepted or resent first or the other way round, a page at a time. */
export function prepareListDeliveries({
  database: { schema, query },
  now,
}: LedgerContext): (filter: DeliveryFilter, page: PageRequest) => Promise<DeliveryPage> {
  const select = { deliveries: selectUndelivered(schema), delivered: selectDelivered(schema) }

  return async (filter, { limit, cursor, oldestFirst = false }) => {
    checkFilter(filter, limit)
    const values: unknown[] = [now()]
    const parameter = (value: unknown): string => `$${values.push(value)}`
    const tables = filterDeliveries(filter, parameter)
    const from =
      cursor === undefined
        ? []
        : [`delivery.number ${oldestFirst ? '>' : '<'} ${parameter(parseCursor(cursor))}`]
    // One more than the page holds tells whether there is another.
    const first = `ORDER BY number ${oldestFirst ? 'ASC' : 'DESC'} LIMIT ${parameter(limit + 1)}`
    const parts = tables.map(
      ({ table, where }) => `(${select[table]} WHERE ${[...where, ...from].join(' AND ')} ${first})`,
    )
    const rows = await query(
      `SELECT found.*, ${schema}.time_in_ms($1) AS now FROM (${parts.join(' UNION ALL ')}) AS found ${first}`,
      values,
    )
    const page = rows.slice(0, limit)
    return {
      deliveries: page.map((row) => toDeliveryRecord(row, Number(row['now']))),
      ...(rows.length > limit && { nextCursor: formatCursor(Number(page.at(-1)?.['number'])) }),
    }
  }
}
