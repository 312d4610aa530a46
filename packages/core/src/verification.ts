import type { Settle } from './claim-delivery.ts'
import type { VerifiedDelivery } from './standard-webhooks.ts'
import type { TaskEvent } from './task-event.ts'

/** An authentic request, and the event in it. */
export interface VerifiedWebhook<E = TaskEvent> {
  event: E
  /** The bytes that were signed. */
  rawBody: Uint8Array
  /** The `?key=` value, if the URL has one; an accepted one when the `key` option is set. */
  installation?: string
  /** From the Standard Webhooks headers, once verified; absent when the request had none. */
  delivery?: VerifiedDelivery
  /**
   * A name of the holder of the secret that signed, where a function finds secrets and {@link VerifiedWebhook.delivery} is there. An id of a
   * delivery is one holder's: two holders may use the same.
   */
  tenant?: string
}

/**
 * The result of a request that was not refused.
 *
 * - `event`: handle it. Then call `settle` with the result, so that a failure is retried and a success is not repeated.
 * - `ignored`: the schema does not know the event type. Acknowledge it and do nothing.
 * - `duplicate`: it was handled before. Acknowledge it and do nothing.
 */
export type Verification<E = TaskEvent> =
  | { outcome: 'event'; webhook: VerifiedWebhook<E>; settle: Settle }
  | { outcome: 'ignored'; eventType: string }
  | { outcome: 'duplicate'; delivery: VerifiedDelivery }
