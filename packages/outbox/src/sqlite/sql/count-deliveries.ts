import type { StatementSync } from 'node:sqlite'
import type { DeliveryFilter } from '../../ledger.ts'
import { checkFilter } from '../../records/check-filter.ts'
import type { Context } from '../context.ts'
import { deliveryTable, preparePlaces, toWhere } from './filter-deliveries.ts'

/** Counts deliveries by a filter, up to a limit. */
export function prepareCountDeliveries(context: Context): (filter: DeliveryFilter, limit: number) => number {
  const statements = new Map<string, StatementSync>()
  const findPlaces = preparePlaces(context)

  return (filter, limit) => {
    checkFilter(filter, 1)
    let count = 0
    for (const place of findPlaces(filter)) {
      const { where, values } = toWhere(filter, place)
      const sql = `
        SELECT count(*) AS count FROM (
          SELECT 1 FROM ${deliveryTable(filter, place)} WHERE ${['true', ...where].join(' AND ')} LIMIT ?
        )
      `
      const statement = statements.get(sql) ?? context.database.prepare(sql)
      statements.set(sql, statement)
      count += Number(statement.get(...values, limit - count)?.['count'])
    }
    return count
  }
}
