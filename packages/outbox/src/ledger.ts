import type { NewDelivery } from './delivery.ts'
import type { DispatchLedger } from './dispatch-ledger.ts'
import type { OperatorLedger } from './operator-ledger.ts'

export type * from './attempt-start.ts'
export type * from './attempt-transaction.ts'
export type * from './dispatch-ledger.ts'
export type * from './endpoint-control.ts'
export type * from './operator-ledger.ts'

/**
 * Stores deliveries. It has three parts: what applications call ({@link Ledger.enqueue}), what a dispatcher calls
 * ({@link DispatchLedger}), and what operators call ({@link OperatorLedger}).
 *
 * Every method that writes resolves when the change is committed to stable storage. Otherwise it rejects with an
 * `OutboxError` and has changed nothing.
 *
 * The ledger's clock sets every stored time. Callers pass and get durations. Only records have absolute times, in
 * milliseconds since 1970.
 *
 * @typeParam T What the application's own transaction is written through.
 */
export interface Ledger<T = unknown> {
  /**
   * Accepts deliveries, all or none, in this order: each gets a number, and numbers rise. Within an application's `transaction`,
   * what that becomes these become.
   */
  enqueue(
    deliveries: readonly NewDelivery[],
    options?: { transaction?: T | undefined },
  ): Promise<Acceptance[]>
  readonly dispatch: DispatchLedger<T>
  readonly operate: OperatorLedger
  close(): Promise<void>
}

/** What became of a delivery that was handed over: accepted under its id, or known already under another. */
export interface Acceptance {
  id: string
  /** Whether an earlier delivery with the same idempotency key was found instead. */
  isRepeat: boolean
}
