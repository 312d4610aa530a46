import {
  type DeliveryFilter,
  type DeliveryPage,
  type PageRequest,
  checkFilter,
  formatCursor,
  openLookWindow,
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
  // The least and the greatest of either table, each by an index.
  const numbers = `
    SELECT least((SELECT min(number) FROM ${schema}.deliveries), (SELECT min(number) FROM ${schema}.delivered)) AS lowest,
      greatest((SELECT max(number) FROM ${schema}.deliveries), (SELECT max(number) FROM ${schema}.delivered)) AS highest
  `
  const select = { deliveries: selectUndelivered(schema), delivered: selectDelivered(schema) }

  async function openWindow(from: number, lookAtMost: number) {
    const [found] = await query(numbers)
    const range = { lowest: toNumber(found?.['lowest']), highest: toNumber(found?.['highest']) }
    return openLookWindow(range, { from, lookAtMost })
  }

  return async (filter, { limit, cursor, oldestFirst = false, lookAtMost }) => {
    checkFilter(filter, limit)
    const after = cursor === undefined ? undefined : parseCursor(cursor)
    const window =
      lookAtMost === undefined ? undefined : await openWindow(after ?? Number.MAX_SAFE_INTEGER, lookAtMost)
    const values: unknown[] = [now()]
    const parameter = (value: unknown): string => `$${values.push(value)}`
    const tables = filterDeliveries(filter, parameter)
    const range: string[] = []
    if (after !== undefined) range.push(`delivery.number ${oldestFirst ? '>' : '<'} ${parameter(after)}`)
    if (window !== undefined) range.push(`delivery.number >= ${parameter(window.until)}`)
    // One more than the page holds tells whether there is another.
    const first = `ORDER BY number ${oldestFirst ? 'ASC' : 'DESC'} LIMIT ${parameter(limit + 1)}`
    const parts = tables.map(
      ({ table, where }) => `(${select[table]} WHERE ${[...where, ...range].join(' AND ')} ${first})`,
    )
    const rows = await query(
      `SELECT found.*, ${schema}.time_in_ms($1) AS now FROM (${parts.join(' UNION ALL ')}) AS found ${first}`,
      values,
    )
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? Number(page.at(-1)?.['number']) : window?.next
    return {
      deliveries: page.map((row) => toDeliveryRecord(row, Number(row['now']))),
      ...(next !== undefined && { nextCursor: formatCursor(next) }),
    }
  }
}

function toNumber(value: unknown): number | undefined {
  return value === null ? undefined : Number(value)
}
