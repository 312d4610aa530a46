import type { DeliveryFilter } from '../ledger.ts'

/** One condition of a filter, as both ledgers write it. */
export interface FilterCondition {
  column: 'state' | 'endpoint_id' | 'ordering_key' | 'type' | 'accepted_at'
  operator: '=' | '>=' | '<'
  value: string | number
}

const columns = [
  ['state', 'state', '='],
  ['endpointId', 'endpoint_id', '='],
  ['orderingKey', 'ordering_key', '='],
  ['type', 'type', '='],
  ['acceptedFrom', 'accepted_at', '>='],
  ['acceptedBefore', 'accepted_at', '<'],
] as const satisfies (readonly [
  keyof DeliveryFilter,
  FilterCondition['column'],
  FilterCondition['operator'],
])[]

/** The conditions of what is given in a filter, always in the same order. */
export function toConditions(filter: DeliveryFilter): FilterCondition[] {
  return columns.flatMap(([key, column, operator]) => {
    const value = filter[key]
    return value === undefined ? [] : [{ column, operator, value }]
  })
}
