import { indexRange, minNumber } from './index-range.ts'

/** The columns of a function that reads for dispatchers, named as `toReadDelivery` takes them. */
export const readColumns = `
  now bigint, number bigint, id text, "endpointId" text, partition smallint, "orderingKey" text, type text, payload text,
  context text, "acceptedAt" bigint, tries integer, "readyAt" bigint, "isHead" boolean
`

/** The same columns of the rows called `delivery`; `moment` is the time in milliseconds. */
export function selectColumns(schema: string): string {
  return `
    moment, delivery.number, delivery.id, delivery.endpoint_id, delivery.partition, delivery.ordering_key, delivery.type,
    delivery.payload, delivery.context, delivery.accepted_at, delivery.tries, delivery.ready_at, ${isHead(schema)}
  `
}

/**
 * Whether no delivery of its ordering key at its endpoint is pending before the row called `delivery`. It looks
 * backwards from the delivery, because in a long line the nearest one is the one before it.
 */
export function isHead(schema: string): string {
  const earlier = indexRange('earlier', ['ordering_key', 'endpoint_id', 'number'], {
    after: ['delivery.ordering_key', 'delivery.endpoint_id', minNumber],
    before: ['delivery.ordering_key', 'delivery.endpoint_id', 'delivery.number'],
  })
  return `(
    SELECT earlier.number FROM ${schema}.deliveries AS earlier
    WHERE earlier.state = 'pending' AND ${earlier.where}
    ORDER BY ${earlier.reverseOrder} LIMIT 1
  ) IS NULL`
}
