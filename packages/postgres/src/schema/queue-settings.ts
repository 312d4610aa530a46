/**
 * For functions that look for a few rows of a table that may have millions: always by an index, in the index's own order,
 * whatever the statistics say. A queue is empty at one moment and full at the next, and a plan that was made for the one is kept
 * for the other.
 */
export const queueSettings = `
  SET enable_seqscan = off
  SET enable_bitmapscan = off
  SET enable_hashjoin = off
  SET enable_mergejoin = off
  SET enable_sort = off
  SET enable_incremental_sort = off
  SET jit = off
  SET plan_cache_mode = force_generic_plan
`

/** How long a statement waits for a lock that others hold, unless it says something else. */
export const patience = "SET lock_timeout = '10s'"
