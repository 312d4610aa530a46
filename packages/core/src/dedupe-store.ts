/**
 * Remembers deliveries by id, so that a repeat does not run the handler again. All receivers of one endpoint should
 * share one store.
 *
 * If `begin` rejects, or returns anything but the three results below, the request fails with `dedupe_unavailable`
 * (503, with `Retry-After: 5`) and the sender tries again.
 */
export interface DedupeStore {
  /**
   * How long a claim is held, in milliseconds, unless it is renewed. The receiver renews it each third of that while
   * the handler runs, so it need not outlast a handler: it is how long a delivery stays held back after a process died.
   */
  readonly claimInMs: number
  /** How long what was handled is remembered, in milliseconds. It should be longer than the sender's retries take. */
  readonly keepInMs: number
  /**
   * Claims `id` in one atomic step: a {@link DedupeClaim} when this call now owns it, `in-progress` when another one
   * does, `done` when it was committed. `context.tenant` is a hint of who the id belongs to; the id alone tells ids apart.
   */
  begin(id: string, context?: DedupeContext): Promise<DedupeClaim | 'in-progress' | 'done'>
}

/** What is known of an id besides itself. */
export interface DedupeContext {
  /** The holder of the secret that signed, where a function finds secrets; a store that evicts can do so within it. */
  tenant?: string
}

/**
 * The right to handle one delivery. It is fenced: once it has ended and another owns the id, none of these changes
 * anything.
 */
export interface DedupeClaim {
  /**
   * The handler succeeded: the id is done. A store in the application's database does so within `transaction`, so that
   * the handler's writes and this become true together. Within one, it rejects when another owns the id, so that the
   * handler's writes are rolled back: they are the other's to make.
   */
  commit(options?: SettleOptions): Promise<void>
  /** The handler failed: forget the id, so that the retry is handled. */
  abort(): Promise<void>
  /** Holds the claim for another {@link DedupeStore.claimInMs}; `false` when it is no longer held. */
  renew(): Promise<boolean>
}

/**
 * How to settle.
 *
 * @example
 * // In a handler, with a store in the same database:
 * await client.query('BEGIN')
 * await client.query('UPDATE tasks SET state = $1 WHERE id = $2', ['signed', webhook.event.taskId])
 * await webhook.settle(true, { transaction: client })
 * await client.query('COMMIT')
 */
export interface SettleOptions {
  /** An open transaction of the database that the store is in. Stores that take one say which kind. */
  transaction?: unknown
}
