import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { DeliveryFilter, DeliveryPage, PageRequest } from '../../ledger.ts'
import { checkFilter } from '../../records/check-filter.ts'
import { toDeliveryRecord } from '../../records/delivery-record.ts'
import { formatCursor, parseCursor } from '../../records/list-cursor.ts'
import { openLookWindow, type NumberRange } from '../../records/look-window.ts'
import type { Row } from '../../records/row.ts'
import type { Context } from '../context.ts'
import { deliveryColumns, joinTables } from './delivery-columns.ts'
import { deliveryTable, preparePlaces, toWhere, type Place } from './filter-deliveries.ts'

/** Lists deliveries by a filter, latest accepted or resent first or the other way round, a page at a time. */
export function prepareListDeliveries(
  context: Context,
): (filter: DeliveryFilter, page: PageRequest) => DeliveryPage {
  const { database, now } = context
  const read = prepareReadPage(database)
  const readNumbers = prepareReadNumbers(database)
  const findPlaces = preparePlaces(context)

  function findRows(filter: DeliveryFilter, range: Range): Row[] {
    const places = findPlaces(filter)
    const rows = places.flatMap((place) => read(filter, { place, ...range }))
    if (places.length <= 1) return rows
    // Of several places: the first ones of each, and the first of these.
    const sign = range.oldestFirst ? 1 : -1
    return rows.toSorted((a, b) => sign * (Number(a['number']) - Number(b['number']))).slice(0, range.limit)
  }

  return (filter, { limit, cursor, oldestFirst = false, lookAtMost }) => {
    checkFilter(filter, limit)
    const start = oldestFirst ? 0 : Number.MAX_SAFE_INTEGER
    const from = cursor === undefined ? start : parseCursor(cursor)
    const window = lookAtMost === undefined ? undefined : openLookWindow(readNumbers(), { from, lookAtMost })
    // One more than the page holds tells whether there is another.
    const rows = findRows(filter, { from, until: window?.until, limit: limit + 1, oldestFirst })
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? Number(page.at(-1)?.['number']) : window?.next
    return {
      deliveries: page.map((row) => toDeliveryRecord(row, now())),
      ...(next !== undefined && { nextCursor: formatCursor(next) }),
    }
  }
}

interface Range {
  /** The number before the first one that is read. */
  from: number
  /** The last number that is read, latest first. */
  until: number | undefined
  limit: number
  oldestFirst: boolean
}

/** Reads from a number on: one statement for each combination of conditions. */
function prepareReadPage(
  database: DatabaseSync,
): (filter: DeliveryFilter, range: Range & { place: Place }) => Row[] {
  const statements = new Map<string, StatementSync>()

  return (filter, { place, from, until, limit, oldestFirst }) => {
    const { where, values } = toWhere(filter, place)
    if (until !== undefined) {
      where.push('delivery.number >= ?')
      values.push(until)
    }
    const sql = `
      SELECT ${deliveryColumns} FROM ${deliveryTable(filter, place)} ${joinTables}
      WHERE ${[`delivery.number ${oldestFirst ? '>' : '<'} ?`, ...where].join(' AND ')}
      ORDER BY delivery.number ${oldestFirst ? 'ASC' : 'DESC'} LIMIT ?
    `
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    const parameters: SQLInputValue[] = [from, ...values, limit]
    return statement.all(...parameters)
  }
}

function prepareReadNumbers(database: DatabaseSync): () => NumberRange {
  // Two statements in one: SQLite finds a minimum or a maximum by the index, and not both at once.
  const read = database.prepare(
    'SELECT (SELECT min(number) FROM taskhook_deliveries) AS lowest, (SELECT max(number) FROM taskhook_deliveries) AS highest',
  )
  return () => {
    const { lowest, highest } = read.get() ?? {}
    return { lowest: toNumber(lowest), highest: toNumber(highest) }
  }
}

function toNumber(value: SQLOutputValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value)
}
