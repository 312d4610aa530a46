import type { DuePosition, DueRead, DueRequest } from '../../ledger.ts'
import { prepareArrays } from '../array-rows.ts'
import type { Context } from '../context.ts'
import { toMask } from '../partition-count.ts'
import { columnPlaces, createReader, joinLine, readColumns } from './read-columns.ts'

/** Reads heads whose wait is over, longest due first, past a position; and says when the next wait is over. */
export function prepareReadDue(context: Context): (request: DueRequest) => DueRead {
  const { database, endpoints, now } = context
  const read = prepareArrays(
    database,
    `
    SELECT ${readColumns}
    FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_waiting ${joinLine}
    WHERE delivery.endpoint = ? AND delivery.state = 'pending' AND delivery.ready_at IS NOT NULL
      AND (delivery.ready_at, delivery.number) > (?, ?) AND delivery.ready_at <= ?
      AND (? >> delivery.partition) & 1
    ORDER BY delivery.ready_at, delivery.number LIMIT ?
  `,
  )
  const findNext = database.prepare(`
    SELECT delivery.ready_at AS readyAt
    FROM taskhook_deliveries AS delivery INDEXED BY taskhook_deliveries_waiting
    WHERE delivery.endpoint = ? AND delivery.state = 'pending' AND delivery.ready_at > ?
      AND (? >> delivery.partition) & 1
    ORDER BY delivery.ready_at LIMIT 1
  `)
  const toDeliveries = createReader(context)

  return ({ endpointId, partitions, after, limit }) => {
    const endpoint = endpoints.find(endpointId)
    if (endpoint === undefined) return { deliveries: [], position: after, isEnd: true }
    const mask = toMask(partitions)
    const dueBy = now()
    const from = after ?? { readyAt: Number.MIN_SAFE_INTEGER, number: 0 }
    // What waits behind another is read too and left out here, so that one call looks at `limit` rows at the most.
    const rows = read(endpoint, from.readyAt, from.number, dueBy, mask, limit)
    const last = rows.at(-1)
    const position: DuePosition | undefined =
      last === undefined
        ? after
        : { readyAt: Number(last[columnPlaces.readyAt]), number: Number(last[columnPlaces.number]) }
    const deliveries = toDeliveries(rows.filter((row) => row[columnPlaces.isHead] === 1))
    if (rows.length === limit) return { deliveries, position, isEnd: false }
    const next = findNext.get(endpoint, dueBy, mask)
    return {
      deliveries,
      position,
      isEnd: true,
      ...(next !== undefined && { nextInMs: Number(next['readyAt']) - dueBy }),
    }
  }
}
