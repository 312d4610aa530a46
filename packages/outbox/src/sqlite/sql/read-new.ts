import type { NewRead, ReadDelivery, ReadPosition } from '../../ledger.ts'
import { prepareArrays } from '../array-rows.ts'
import type { Context } from '../context.ts'
import { columnPlaces, createReader, joinLine, readColumns } from './read-columns.ts'

/**
 * Reads what is new since a position, which is a number: writes are serialized, so numbers become visible in their order, and none
 * comes late.
 */
export function prepareReadNew(
  context: Context,
): (position: ReadPosition | undefined, limit: number) => NewRead {
  const { database, numbers, versions } = context
  // Not by the index of what is pending: nothing past the position was read before, so what is finished is passed over once.
  const read = prepareArrays(
    database,
    `
    SELECT ${readColumns}, delivery.state FROM taskhook_deliveries AS delivery NOT INDEXED ${joinLine}
    WHERE delivery.number > ? ORDER BY delivery.number LIMIT ?
  `,
  )
  const toDeliveries = createReader(context)

  return (position, limit) => {
    // Before the rows: should others commit in between, the next read tells of it.
    const current = versions.read()
    if (position === undefined) {
      return { ...current, deliveries: [], lateCount: 0, position: { position: numbers.last() }, isEnd: true }
    }
    const after = Number(position.position)
    const rows = read(after, limit)
    const pending = rows.filter((row) => row[columnPlaces.next] === 'pending')
    const deliveries: ReadDelivery[] = toDeliveries(pending)
    return {
      ...current,
      deliveries,
      lateCount: 0,
      position: { position: Number(rows.at(-1)?.[columnPlaces.number] ?? after) },
      isEnd: rows.length < limit,
    }
  }
}
