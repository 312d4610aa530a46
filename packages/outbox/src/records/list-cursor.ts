import { OutboxError } from '../outbox-error.ts'

/** A cursor of a list that is ordered by the numbers of its deliveries: the last number of the page. */
export function formatCursor(lastNumber: number): string {
  return String(lastNumber)
}

/**
 * The number after which the next page begins.
 *
 * @throws OutboxError `option_invalid`.
 */
export function parseCursor(cursor: string): number {
  if (typeof cursor === 'string' && /^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new OutboxError('option_invalid', 'cursor: must be the nextCursor of an earlier page')
}
