import { checkOptions } from './check-options.ts'
import type { DedupeClaim, DedupeContext, DedupeStore, SettleOptions } from './dedupe-store.ts'
import { OptionError } from './option-error.ts'
import { renewClaim } from './renew-claim.ts'
import { WebhookError } from './webhook-error.ts'

/**
 * Tells the dedupe store how handling went. The first call counts. After a success within a transaction, a failure counts as
 * well: the transaction may have been rolled back, and if it was not, the delivery stays done.
 *
 * @throws WebhookError `dedupe_unavailable` when the store fails; within a transaction also when the claim has gone to
 * another receiver: roll back. OptionError for another option than `transaction`, or when `succeeded` is no boolean.
 */
export type Settle = (succeeded: boolean, options?: SettleOptions) => Promise<void>

/** What is claimed, and for how long. */
export interface DeliveryToClaim extends DedupeContext {
  id: string
  /** After that the claim is no longer renewed, in milliseconds. */
  handlingTimeoutInMs: number
}

/**
 * Claims a delivery in the store: `done` when it has been handled before, else how to settle it. Until then the claim
 * is renewed.
 *
 * @throws WebhookError `delivery_in_progress` when it is being handled now, `dedupe_unavailable` when the store fails.
 */
export async function claimDelivery(
  store: DedupeStore,
  { id, handlingTimeoutInMs, ...context }: DeliveryToClaim,
): Promise<Settle | 'done'> {
  const claim = await call(() => store.begin(id, context))
  if (claim === 'done') return 'done'
  if (claim === 'in-progress') {
    throw new WebhookError('delivery_in_progress', 'this delivery is being handled right now')
  }
  if (!isClaim(claim)) {
    throw new WebhookError(
      'dedupe_unavailable',
      'begin() of the dedupe store must return a claim (commit, abort and renew), "in-progress" or "done", and returned something else',
    )
  }
  const stopRenewing = renewClaim(claim, { claimInMs: store.claimInMs, handlingTimeoutInMs }, () =>
    warnOfHandler(id, handlingTimeoutInMs),
  )
  let settled: 'no' | 'in a transaction' | 'yes' = 'no'
  return async (succeeded, options) => {
    if (typeof succeeded !== 'boolean') throw new OptionError('succeeded', 'must be true or false')
    // A misspelt `transaction` would commit beside the transaction.
    checkOptions<SettleOptions>(options, { transaction: true })
    if (settled === 'yes' || (succeeded && settled === 'in a transaction')) return
    settled = succeeded && options?.transaction !== undefined ? 'in a transaction' : 'yes'
    stopRenewing()
    await call(() => (succeeded ? claim.commit(options) : claim.abort()))
  }
}

/** Settles a delivery that no store knows of. */
export const settleNothing: Settle = async () => {}

function warnOfHandler(id: string, handlingTimeoutInMs: number): void {
  process.emitWarning(
    `a handler has not ended within ${handlingTimeoutInMs} ms: its delivery is given back, and a retry may run beside it`,
    { type: 'TaskhookWarning', code: 'TASKHOOK_HANDLER_NOT_ENDED', detail: `delivery ${id}` },
  )
}

function isClaim(value: unknown): value is DedupeClaim {
  if (typeof value !== 'object' || value === null) return false
  const { commit, abort, renew } = value as Record<string, unknown>
  return [commit, abort, renew].every((method) => typeof method === 'function')
}

async function call<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (cause) {
    throw new WebhookError('dedupe_unavailable', 'the dedupe store failed, see the cause', { cause })
  }
}
