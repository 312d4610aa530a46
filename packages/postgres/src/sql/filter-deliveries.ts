import { type DeliveryFilter, type DeliveryState, heldWaitInMs, toConditions } from '@taskhook/outbox/ledger'

/** Gives a value a parameter of the statement, and says its name. */
export type Parameter = (value: unknown) => string

/** A table that deliveries are in, and the conditions that a filter makes there. */
export interface FilteredTable {
  table: 'deliveries' | 'delivered'
  where: string[]
}

/** Where deliveries that match a filter are: each state by itself, since each has an index of its own. */
export function filterDeliveries(
  { state, ids, ...filter }: DeliveryFilter,
  parameter: Parameter,
): FilteredTable[] {
  const where = toConditions(filter).map(
    ({ column, operator, value }) => `delivery.${column} ${operator} ${parameter(value)}`,
  )
  if (ids !== undefined) where.push(`delivery.id = ANY (${parameter(ids)}::text[])`)
  // It was delivered after it was accepted: the days before need not be looked at.
  const delivered =
    filter.acceptedFrom === undefined ? [] : [`delivery.settled_at >= ${parameter(filter.acceptedFrom)}`]

  const tables = conditionsOf(state).map((condition): FilteredTable => ({
    table: 'deliveries',
    where: [condition, ...where],
  }))
  if (state === undefined || state === 'delivered') {
    tables.push({ table: 'delivered', where: ['true', ...where, ...delivered] })
  }
  return tables
}

/**
 * The deliveries that are not delivered, of one state or all. A held delivery is stored as pending, with a time that
 * never comes.
 */
function conditionsOf(state: DeliveryState | undefined): string[] {
  const isPending = "delivery.state = 'pending'"
  switch (state) {
    case undefined:
      return [isPending, "delivery.state = 'exhausted'", "delivery.state = 'canceled'"]
    case 'pending':
      return [`${isPending} AND coalesce(delivery.ready_at, 0) < ${heldWaitInMs}`]
    case 'held':
      return [`${isPending} AND delivery.ready_at >= ${heldWaitInMs}`]
    case 'delivered':
      return []
    default:
      return [`delivery.state = '${state}'`]
  }
}
