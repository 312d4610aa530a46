import type { ReadDelivery } from '../../ledger.ts'
import { toReadDelivery } from '../../records/read-delivery.ts'
import type { Row } from '../../records/row.ts'
import type { Context } from '../context.ts'

/** Whether nothing of its line is pending before a delivery of the table `delivery`. */
export const isHead = `NOT EXISTS (
      SELECT 1 FROM taskhook_deliveries AS earlier INDEXED BY taskhook_deliveries_line
      WHERE earlier.line = delivery.line AND earlier.state = 'pending' AND earlier.number < delivery.number
    )`

/** The columns of {@link createReader}, of the tables `delivery` and `line`. */
export const readColumns: string = `delivery.number, delivery.id, delivery.endpoint, delivery.partition,
    line.ordering_key AS orderingKey, delivery.type, delivery.payload, delivery.context, delivery.accepted_at AS acceptedAt,
    delivery.tries, delivery.ready_at AS readyAt, ${isHead} AS isHead`

/** Joins the line of each delivery, which is looked up once the delivery is found. */
export const joinLine = 'CROSS JOIN taskhook_lines AS line ON line.number = delivery.line'

/** Makes rows of {@link readColumns} deliveries as dispatchers read them. */
export function createReader({ endpoints, now }: Context): (rows: Row[]) => ReadDelivery[] {
  return (rows) => {
    const readAt = now()
    return rows.map((row) =>
      toReadDelivery(Object.assign(row, { endpointId: endpoints.idOf(Number(row['endpoint'])) }), readAt),
    )
  }
}
