import type { BacklogRequest, ReadDelivery } from '../../ledger.ts'
import { prepareArrays } from '../array-rows.ts'
import type { Context } from '../context.ts'
import { toMask } from '../partition-count.ts'
import { createReader, joinLine, readColumns } from './read-columns.ts'

/** Reads what is pending of some partitions of an endpoint, past a number, in the order of numbers. */
export function prepareReadBacklog(context: Context): (request: BacklogRequest) => ReadDelivery[] {
  const { database, endpoints } = context
  const read = prepareArrays(
    database,
    `
    SELECT ${readColumns}
    FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_backlog ${joinLine}
    WHERE delivery.endpoint = ? AND delivery.state = 'pending' AND delivery.number > ?
      AND (? >> delivery.partition) & 1
    ORDER BY delivery.number LIMIT ?
  `,
  )
  const toDeliveries = createReader(context)

  return ({ endpointId, partitions, after, limit }) => {
    const endpoint = endpoints.find(endpointId)
    if (endpoint === undefined) return []
    return toDeliveries(read(endpoint, after, toMask(partitions), limit))
  }
}
