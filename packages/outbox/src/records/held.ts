import type { DeliveryState } from '../delivery.ts'

/** The states as they are stored. A held delivery is stored as a pending one that waits for {@link heldWaitInMs}. */
export type StoredState = Exclude<DeliveryState, 'held'>

/**
 * How long a delivery waits that is held: longer than any clock will go. So it is stored as one that waits, which is all that it is to those who
 * read what is due: it keeps its place, and its ordering key waits behind it. A time this far away says that it is held, and the
 * difference to it since when.
 */
export const heldWaitInMs: number = 2 ** 52

/** Since when a pending delivery is held, by when it may be attempted; `undefined` when it is not. */
export function heldSince(readyAt: number | null | undefined): number | undefined {
  return typeof readyAt === 'number' && readyAt >= heldWaitInMs ? readyAt - heldWaitInMs : undefined
}
