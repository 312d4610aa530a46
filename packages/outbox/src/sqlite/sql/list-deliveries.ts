import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { DeliveryState } from '../../delivery.ts'
import type { DeliveryFilter, DeliveryPage } from '../../ledger.ts'
import { checkFilter } from '../../records/check-filter.ts'
import { toDeliveryRecord } from '../../records/delivery-record.ts'
import { toConditions } from '../../records/filter-conditions.ts'
import { formatCursor, parseCursor } from '../../records/list-cursor.ts'
import { hashOrderingKey } from '../../records/partition-of.ts'
import type { Row } from '../../records/row.ts'
import type { Context } from '../context.ts'
import { deliveryColumns, deliveryTables } from './delivery-columns.ts'

/** Lists deliveries by a filter, latest accepted or resent first, a page at a time. */
export function prepareListDeliveries({
  database,
  endpoints,
  now,
}: Context): (filter: DeliveryFilter, page: { limit: number; cursor?: string | undefined }) => DeliveryPage {
  const read = prepareReadPage(database)
  const findEndpoints = database.prepare('SELECT number FROM taskhook_endpoints')

  function findRows(filter: DeliveryFilter, before: number, limit: number): Row[] {
    const { endpointId, state, orderingKey } = filter
    if (endpointId !== undefined) {
      const endpoint = endpoints.find(endpointId)
      return endpoint === undefined ? [] : read(filter, endpoint, before, limit)
    }
    if (state !== 'pending' || orderingKey !== undefined) return read(filter, undefined, before, limit)
    // What is pending is indexed by endpoint: the latest ones of each, and the latest of these.
    return findEndpoints
      .all()
      .flatMap((row) => read(filter, Number(row['number']), before, limit))
      .toSorted((a, b) => Number(b['number']) - Number(a['number']))
      .slice(0, limit)
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

/** Reads what has numbers below one, of one endpoint or all: one statement for each combination of conditions. */
function prepareReadPage(
  database: DatabaseSync,
): (filter: DeliveryFilter, endpoint: number | undefined, before: number, limit: number) => Row[] {
  const statements = new Map<string, StatementSync>()

  return (filter, endpoint, before, limit) => {
    const where = ['delivery.number < ?']
    const values: SQLInputValue[] = [before]
    for (const { column, operator, value } of toConditions({ ...filter, endpointId: undefined })) {
      if (column === 'state') where.push(...stateConditions[value as DeliveryState])
      else {
        where.push(`delivery.${column} ${operator} ?`)
        values.push(value)
      }
    }
    if (filter.orderingKey !== undefined) {
      where.push('delivery.key_hash = ?')
      values.push(hashOrderingKey(filter.orderingKey))
    }
    if (endpoint !== undefined) {
      where.push('delivery.endpoint = ?')
      values.push(endpoint)
    }
    const sql = `
      SELECT ${deliveryColumns} FROM ${deliveryTables.replace('JOIN', 'CROSS JOIN')}
      WHERE ${where.join(' AND ')}
      ORDER BY delivery.number DESC LIMIT ?
    `
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement.all(...values, limit)
  }
}
