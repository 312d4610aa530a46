/**
 * Remembers deliveries by id, so that a repeat does not run the handler again. All receivers of one endpoint should
 * share one store. A `begin` that rejects makes the request fail with `dedupe_unavailable` (503), and the sender retry.
 * What `commit` or `abort` rejects with comes out of `settle` with that code: an adapter has answered by then, and
 * reports it.
 */
export interface DedupeStore {
  /**
   * Claims `id` in one atomic step: `new` when this call now owns it, `in-progress` when another one does and has
   * neither committed nor aborted, `done` when it was committed.
   *
   * A store that outlives the process should let go of `in-progress` soon (minutes), or a crash in a handler would
   * hold the delivery back for all of `ttlInSeconds`, which is meant for `done`.
   */
  begin(id: string, ttlInSeconds: number): Promise<'new' | 'in-progress' | 'done'>
  /** The handler succeeded: `id` is done. */
  commit(id: string): Promise<void>
  /** The handler failed: forget `id`, so that the retry is `new`. */
  abort(id: string): Promise<void>
}
