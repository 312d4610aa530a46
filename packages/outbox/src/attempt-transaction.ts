import type { SettleAnswer, Settlement } from './dispatch-ledger.ts'

/**
 * A transaction of the ledger's own database for one attempt. The attempt's writes through it and the fact that it
 * delivered are one commit. It ends once, with {@link commit} or {@link rollBack}.
 *
 * @typeParam T What is written through.
 */
export interface AttemptTransaction<T> {
  /**
   * The connection that the attempt writes through; `enqueue` takes it too. If the database has one writer at a time,
   * the ledger begins the transaction when this is first read. So the attempt's earlier work keeps no other writer
   * waiting.
   *
   * @throws OutboxError `ledger_busy` when another connection has kept the only writer's place for too long.
   */
  readonly transaction: T
  /**
   * Runs the attempt. A call to this ledger outside the transaction that could only end after the transaction is
   * refused with `transaction_open`, because both would wait for each other.
   */
  run<R>(attempt: () => Promise<R>): Promise<R>
  /**
   * Writes the settlement, as `settle` does, and commits. If it resolves to `lost`, it wrote nothing and rolled
   * everything back. If it rejects, it rolled everything back, except when the connection failed in the middle of the
   * commit: then the result is unknown. A settlement with the same {@link Settlement.tries} finds it out: it is `lost`
   * if this one was written.
   *
   * @throws OutboxError; `transaction_invalid` when the attempt has ended the transaction itself.
   */
  commit(dispatcherId: string, settlement: Settlement): Promise<SettleAnswer>
  /**
   * Rolls everything back. It never rejects.
   *
   * @param options.isAbandoned Whether the attempt still runs. What it writes from now on reaches nothing.
   */
  rollBack(options?: { isAbandoned?: boolean }): Promise<void>
}
