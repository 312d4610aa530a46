import type { DedupeStore } from './dedupe-store.ts'
import { OptionError } from './option-error.ts'

/** Options of {@link memoryDedupe}. */
export interface MemoryDedupeOptions {
  /** How many finished deliveries are remembered; the oldest go first. Default 100 000. */
  maxEntries?: number
  /** The clock, in milliseconds. Default `Date.now`. */
  now?: () => number
}

/**
 * A {@link DedupeStore} in this process's memory: right for one process, and gone when it ends. With several
 * processes behind one endpoint, back the three methods with a store that they share.
 *
 * What is in progress is never evicted: there are no more of those than requests being handled.
 *
 * @throws OptionError when `maxEntries` is not a positive integer, or `now` not a function.
 * @example
 * app.post('/automation', verifyWebhook({ secret, dedupe: memoryDedupe() }), handler)
 */
export function memoryDedupe({
  maxEntries = 100_000,
  now = Date.now,
}: MemoryDedupeOptions = {}): DedupeStore {
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new OptionError('maxEntries', 'must be a positive integer')
  }
  if (typeof now !== 'function') throw new OptionError('now', 'must be a function')
  // By id, when each entry ends. A Map keeps the order of insertion, so `done` is its own queue of what to evict.
  const inProgress = new Map<string, number>()
  const done = new Map<string, number>()

  return {
    async begin(id, ttlInSeconds) {
      const time = now()
      if ((inProgress.get(id) ?? 0) > time) return 'in-progress'
      if ((done.get(id) ?? 0) > time) return 'done'
      done.delete(id)
      inProgress.set(id, time + ttlInSeconds * 1000)
      return 'new'
    },

    async commit(id) {
      const endsAt = inProgress.get(id)
      if (endsAt === undefined) return
      inProgress.delete(id)
      done.set(id, endsAt)
      const time = now()
      for (const [oldest, oldestEndsAt] of done) {
        if (done.size <= maxEntries && oldestEndsAt > time) break
        done.delete(oldest)
      }
    },

    async abort(id) {
      inProgress.delete(id)
    },
  }
}
