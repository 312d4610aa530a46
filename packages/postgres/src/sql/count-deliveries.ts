import { type DeliveryFilter, checkFilter } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { filterDeliveries } from './filter-deliveries.ts'

/** Counts deliveries by a filter, up to a limit. */
export function prepareCountDeliveries({
  database: { schema, query },
}: LedgerContext): (filter: DeliveryFilter, limit: number) => Promise<number> {
  return async (filter, limit) => {
    checkFilter(filter, 1)
    const values: unknown[] = [limit]
    const parts = filterDeliveries(filter, (value) => `$${values.push(value)}`).map(
      ({ table, where }) =>
        `(SELECT FROM ${schema}.${table} AS delivery WHERE ${where.join(' AND ')} LIMIT $1)`,
    )
    const all = `SELECT FROM (${parts.join(' UNION ALL ')}) AS found LIMIT $1`
    const [row] = await query(`SELECT count(*) AS count FROM (${all}) AS counted`, values)
    return Number(row?.['count'])
  }
}
