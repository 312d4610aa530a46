import type { LineRequest, ReadDelivery } from '../../ledger.ts'
import { prepareArrays } from '../array-rows.ts'
import type { Context } from '../context.ts'
import { createReader, joinLine, readColumns } from './read-columns.ts'

/** Reads what is pending of ordering keys, each past a number, in the order of numbers. */
export function prepareReadLines(context: Context): (requests: readonly LineRequest[]) => ReadDelivery[][] {
  const { database, endpoints, lines } = context
  const read = prepareArrays(
    database,
    `
    SELECT ${readColumns}
    FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_line ${joinLine}
    WHERE delivery.line = ? AND delivery.state = 'pending' AND delivery.number > ?
    ORDER BY delivery.number LIMIT ?
  `,
  )
  const toDeliveries = createReader(context)

  return (requests) =>
    requests.map(({ endpointId, orderingKey, after, limit }) => {
      const endpoint = endpoints.find(endpointId)
      const line = endpoint === undefined ? undefined : lines.find(endpoint, orderingKey)
      return line === undefined ? [] : toDeliveries(read(line, after, limit))
    })
}
