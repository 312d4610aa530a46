import type { ReadDelivery } from '../../ledger.ts'
import { prepareArrays } from '../array-rows.ts'
import type { Context } from '../context.ts'
import { createReader, joinLine, readColumns } from './read-columns.ts'

/** Reads what is still pending of some deliveries, in the order given. */
export function prepareReadPending(context: Context): (numbers: readonly number[]) => ReadDelivery[] {
  const read = prepareArrays(
    context.database,
    `
    SELECT ${readColumns} FROM taskhook_deliveries AS delivery NOT INDEXED ${joinLine}
    WHERE delivery.number = ? AND delivery.state = 'pending'
  `,
  )
  const toDeliveries = createReader(context)
  return (numbers) => toDeliveries(numbers.flatMap((number) => read(number)))
}
