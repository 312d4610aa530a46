import type { LineRequest, ReadDelivery } from '../../ledger.ts'
import { hashOrderingKey } from '../../records/partition-of.ts'
import type { Context } from '../context.ts'
import { createReader, readColumns } from './read-columns.ts'

/** Reads what is pending of ordering keys, each past a number, in the order of numbers. */
export function prepareReadLines(context: Context): (requests: readonly LineRequest[]) => ReadDelivery[][] {
  const { database, endpoints } = context
  const read = database.prepare(`
    SELECT ${readColumns}
    FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_line
    WHERE delivery.endpoint = ? AND delivery.key_hash = ? AND delivery.state = 'pending' AND delivery.number > ?
      AND delivery.ordering_key = ?
    ORDER BY delivery.number LIMIT ?
  `)
  const toDeliveries = createReader(context)

  return (requests) =>
    requests.map(({ endpointId, orderingKey, after, limit }) => {
      const endpoint = endpoints.find(endpointId)
      if (endpoint === undefined) return []
      return toDeliveries(read.all(endpoint, hashOrderingKey(orderingKey), after, orderingKey, limit))
    })
}
