import type { DedupeStore } from './dedupe-store.ts'
import { WebhookError } from './webhook-error.ts'

// Past the 76 hours that the Standard Webhooks retry schedule takes, with room for somebody to resend by hand.
const rememberedInSeconds = 7 * 24 * 60 * 60

/**
 * Tells the dedupe store how handling went. The first call counts.
 *
 * @throws WebhookError `dedupe_unavailable` when the store fails.
 */
export type Settle = (succeeded: boolean) => Promise<void>

/**
 * Claims a delivery in the store: `done` when it has been handled before, else how to settle it.
 *
 * @throws WebhookError `delivery_in_progress` when it is being handled now, `dedupe_unavailable` when the store fails.
 */
export async function claimDelivery(store: DedupeStore, id: string): Promise<Settle | 'done'> {
  const state = await call(() => store.begin(id, rememberedInSeconds))
  if (state === 'done') return 'done'
  if (state === 'in-progress') {
    throw new WebhookError('delivery_in_progress', 'this delivery is being handled right now', {
      headers: { 'retry-after': '1' },
    })
  }
  let settled = false
  return async (succeeded) => {
    if (settled) return
    settled = true
    await call(() => (succeeded ? store.commit(id) : store.abort(id)))
  }
}

/** Settles a delivery that no store knows of. */
export const settleNothing: Settle = async () => {}

async function call<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (cause) {
    throw new WebhookError('dedupe_unavailable', 'the dedupe store failed, see the cause', { cause })
  }
}
