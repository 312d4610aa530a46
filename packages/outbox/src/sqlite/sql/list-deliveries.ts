import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { DeliveryState } from '../../delivery.ts'
import type { DeliveryFilter, DeliveryPage } from '../../ledger.ts'
import { checkFilter } from '../../records/check-filter.ts'
import { toDeliveryRecord } from '../../records/delivery-record.ts'
import { toConditions } from '../../records/filter-conditions.ts'
import { formatCursor, parseCursor } from '../../records/list-cursor.ts'
import type { Row } from '../../records/row.ts'
import type { Context } from '../context.ts'
import { deliveryColumns, deliveryTables } from './delivery-columns.ts'

/** Lists deliveries by a filter, latest accepted or resent first, a page at a time. */
export function prepareListDeliveries({
  database,
  endpoints,
  lines,
  now,
}: Context): (filter: DeliveryFilter, page: { limit: number; cursor?: string | undefined }) => DeliveryPage {
  const read = prepareReadPage(database)
  const findEndpoints = database.prepare('SELECT number FROM taskhook_endpoints')

  function findRows(filter: DeliveryFilter, before: number, limit: number): Row[] {
    const places = findPlaces(filter)
    const rows = places.flatMap((place) => read(filter, { place, before, limit }))
    if (places.length <= 1) return rows
    return rows.toSorted((a, b) => Number(b['number']) - Number(a['number'])).slice(0, limit)
  }

  /** Where to read by an index that is in the order of numbers. Of several places: the latest ones of each, and the latest of these. */
  function findPlaces({ endpointId, state, orderingKey }: DeliveryFilter): Place[] {
    const endpoint = endpointId === undefined ? undefined : endpoints.find(endpointId)
    if (endpointId !== undefined && endpoint === undefined) return []
    if (orderingKey !== undefined) {
      if (endpoint === undefined)
        return lines.findAll(orderingKey).map((value) => ({ column: 'line', value }))
      const line = lines.find(endpoint, orderingKey)
      return line === undefined ? [] : [{ column: 'line', value: line }]
    }
    if (endpoint !== undefined) return [{ column: 'endpoint', value: endpoint }]
    if (state !== 'pending') return [undefined]
    return findEndpoints.all().map(({ number }) => ({ column: 'endpoint', value: Number(number) }))
  }

  return (filter, { limit, cursor }) => {
    checkFilter(filter, limit)
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : parseCursor(cursor)
    // One more than the page holds tells whether there is another.
    const rows = findRows(filter, before, limit + 1)
    const page = rows.slice(0, limit)
    return {
      deliveries: page.map((row) => toDeliveryRecord(row, now())),
      ...(rows.length > limit && { nextCursor: formatCursor(Number(page.at(-1)?.['number'])) }),
    }
  }
}

// SQLite sees from a literal, and not from a parameter, which partial index has all that are in a state.
const stateConditions: Readonly<Record<DeliveryState, readonly string[]>> = {
  pending: ["delivery.state = 'pending'"],
  delivered: ["delivery.state = 'delivered'"],
  exhausted: ["delivery.state = 'exhausted'", "delivery.state IN ('exhausted', 'canceled')"],
  canceled: ["delivery.state = 'canceled'", "delivery.state IN ('exhausted', 'canceled')"],
}

/** One line, or one endpoint; `undefined`: everything. */
type Place = { column: 'line' | 'endpoint'; value: number } | undefined

/** Reads what has numbers below one: one statement for each combination of conditions. */
function prepareReadPage(
  database: DatabaseSync,
): (filter: DeliveryFilter, where: { place: Place; before: number; limit: number }) => Row[] {
  const statements = new Map<string, StatementSync>()

  return (filter, { place, before, limit }) => {
    const where = ['delivery.number < ?']
    const values: SQLInputValue[] = [before]
    for (const { column, operator, value } of toConditions({
      ...filter,
      endpointId: undefined,
      orderingKey: undefined,
    })) {
      if (column === 'state') where.push(...stateConditions[value as DeliveryState])
      else {
        where.push(`delivery.${column} ${operator} ?`)
        values.push(value)
      }
    }
    if (place !== undefined) {
      where.push(`delivery.${place.column} = ?`)
      values.push(place.value)
    }
    const sql = `
      SELECT ${deliveryColumns} FROM ${deliveryTables}
      WHERE ${where.join(' AND ')}
      ORDER BY delivery.number DESC LIMIT ?
    `
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement.all(...values, limit)
  }
}
