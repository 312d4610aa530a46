import type { SQLInputValue } from 'node:sqlite'
import type { DeliveryState } from '../../delivery.ts'
import type { DeliveryFilter } from '../../ledger.ts'
import { heldWaitInMs } from '../../records/held.ts'
import { toConditions } from '../../records/filter-conditions.ts'
import type { Context } from '../context.ts'

/** One line, or one endpoint; `undefined`: everything. */
export type Place = { column: 'line' | 'endpoint'; value: number } | undefined

/** Finds where to read what a filter says by an index that is in the order of numbers: several places are several reads. */
export function preparePlaces({
  database,
  endpoints,
  lines,
}: Context): (filter: DeliveryFilter) => readonly Place[] {
  const findEndpoints = database.prepare('SELECT number FROM taskhook_endpoints')

  return ({ endpointId, state, orderingKey, ids }) => {
    const endpoint = endpointId === undefined ? undefined : endpoints.find(endpointId)
    if (endpointId !== undefined && endpoint === undefined) return []
    if (orderingKey !== undefined) {
      if (endpoint === undefined)
        return lines.findAll(orderingKey).map((value) => ({ column: 'line', value }))
      const line = lines.find(endpoint, orderingKey)
      return line === undefined ? [] : [{ column: 'line', value: line }]
    }
    if (endpoint !== undefined) return [{ column: 'endpoint', value: endpoint }]
    // Those that are not delivered are indexed by endpoint.
    if (state === undefined || state === 'delivered' || ids !== undefined) return [undefined]
    return findEndpoints.all().map(({ number }) => ({ column: 'endpoint', value: Number(number) }))
  }
}

// SQLite sees from a literal, and not from a parameter, which partial index has all that are in a state.
const stateConditions: Readonly<Record<DeliveryState, readonly string[]>> = {
  pending: ["delivery.state = 'pending'", `ifnull(delivery.ready_at, 0) < ${heldWaitInMs}`],
  held: ["delivery.state = 'pending'", `delivery.ready_at >= ${heldWaitInMs}`],
  delivered: ["delivery.state = 'delivered'"],
  exhausted: ["delivery.state = 'exhausted'", "delivery.state IN ('exhausted', 'canceled')"],
  canceled: ["delivery.state = 'canceled'", "delivery.state IN ('exhausted', 'canceled')"],
}

/** The table `delivery`. If an endpoint has a million pending deliveries, its held ones are found by their time. */
export function deliveryTable({ state }: DeliveryFilter, place: Place): string {
  const isByTime = state === 'held' && place?.column === 'endpoint'
  return `taskhook_deliveries AS delivery${isByTime ? ' INDEXED BY taskhook_deliveries_waiting' : ''}`
}

/** The conditions on the table `delivery` that a filter makes at a place, with the values of their parameters. */
export function toWhere(filter: DeliveryFilter, place: Place): { where: string[]; values: SQLInputValue[] } {
  const where: string[] = []
  const values: SQLInputValue[] = []
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
  if (filter.ids !== undefined) {
    where.push('delivery.id IN (SELECT value FROM json_each(?))')
    values.push(JSON.stringify(filter.ids))
  }
  if (place !== undefined) {
    where.push(`delivery.${place.column} = ?`)
    values.push(place.value)
  }
  return { where, values }
}
