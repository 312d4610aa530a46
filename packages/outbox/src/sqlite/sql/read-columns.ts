import type { ReadDelivery } from '../../ledger.ts'
import { toReadDelivery } from '../../records/read-delivery.ts'
import type { Row } from '../../records/row.ts'
import type { ArrayRow } from '../array-rows.ts'
import type { Context } from '../context.ts'

/** Whether nothing of its line is pending before a delivery of the table `delivery`. */
export const isHead = `NOT EXISTS (
      SELECT 1 FROM taskhook_deliveries AS earlier INDEXED BY taskhook_deliveries_line
      WHERE earlier.line = delivery.line AND earlier.state = 'pending' AND earlier.number < delivery.number
    )`

/** The columns of {@link createReader}, in its order, of the tables `delivery` and `line`. */
export const readColumns: string = `delivery.number, delivery.id, delivery.endpoint, delivery.partition,
    line.ordering_key, delivery.type, delivery.payload, delivery.context, delivery.accepted_at,
    delivery.tries, delivery.ready_at, ${isHead}`

/** Joins the line of each delivery, which is looked up once the delivery is found. */
export const joinLine = 'CROSS JOIN taskhook_lines AS line ON line.number = delivery.line'

/** Where some of {@link readColumns} are in a row, and what is selected after them. */
export const columnPlaces = { number: 0, readyAt: 10, isHead: 11, next: 12 } as const

/** Makes rows that begin with {@link readColumns} deliveries as dispatchers read them. */
export function createReader({ endpoints, now }: Context): (rows: readonly ArrayRow[]) => ReadDelivery[] {
  return (rows) => {
    const readAt = now()
    return rows.map((row) => toReadDelivery(nameColumns(row, endpoints), readAt))
  }
}

function nameColumns(row: ArrayRow, endpoints: Context['endpoints']): Row {
  return {
    number: row[columnPlaces.number],
    id: row[1],
    endpointId: endpoints.idOf(Number(row[2])),
    partition: row[3],
    orderingKey: row[4],
    type: row[5],
    payload: row[6],
    context: row[7],
    acceptedAt: row[8],
    tries: row[9],
    readyAt: row[columnPlaces.readyAt],
    isHead: row[columnPlaces.isHead],
  }
}
