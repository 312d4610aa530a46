import type { DeliveryState } from '../delivery.ts'

/** The states as they are stored. A held delivery is stored as a pending one that waits for {@link heldWaitInMs}. */
export type StoredState = Exclude<DeliveryState, 'held'>

/**
 * How long a held delivery waits: longer than any clock will run. So a held delivery is stored as a waiting one. For
 * every read of due deliveries it is just that: it keeps its place, and its ordering key waits behind it. A time so far
 * away says that the delivery is held, and the difference to it says since when.
 */
export const heldWaitInMs: number = 2 ** 52

/** Since when a pending delivery is held, by when it may be attempted; `undefined` when it is not. */
export function heldSince(readyAt: number | null | undefined): number | undefined {
  return typeof readyAt === 'number' && readyAt >= heldWaitInMs ? readyAt - heldWaitInMs : undefined
}
