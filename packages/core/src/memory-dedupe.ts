import { checkOptions } from './check-options.ts'
import { toDedupeKey } from './dedupe-key.ts'
import type { DedupeClaim, DedupeStore } from './dedupe-store.ts'
import { createDoneDeliveries } from './done-deliveries.ts'
import { OptionError } from './option-error.ts'

/** Options of {@link memoryDedupe}. */
export interface MemoryDedupeOptions {
  /** How many finished deliveries are remembered; the oldest go first. Default 100 000, which is some 20 MB. */
  maxEntries?: number
  /** How long a claim is held unless it is renewed, in milliseconds. Default 60 000; a day at most. */
  claimInMs?: number
  /** How long a finished delivery is remembered, in milliseconds. Default 604 800 000, a week. */
  keepInMs?: number
  /** The clock, in milliseconds. Default `Date.now`. */
  now?: () => number
}

// What a verifier takes of any store.
const longestClaimInMs = 24 * 60 * 60 * 1000

/**
 * A {@link DedupeStore} in the memory of this process. Use it for one process; its content is lost when the process
 * ends. For several processes behind one endpoint, use `sqliteDedupe` of `@taskhook/outbox/dedupe` or `postgresDedupe`
 * of `@taskhook/postgres/dedupe`.
 *
 * A delivery in progress is never evicted, because there are no more of them than requests being handled. If a function
 * finds the secrets, each tenant has a share of `maxEntries`, and a tenant cannot evict another tenant's entries within
 * its share.
 *
 * @throws OptionError when a number is not a positive integer, `now` not a function, or an option not known.
 * @example
 * app.post('/automation', verifyWebhook({ secret, dedupe: memoryDedupe() }), handler)
 */
export function memoryDedupe(options: MemoryDedupeOptions = {}): DedupeStore {
  checkOptions<MemoryDedupeOptions>(options, { maxEntries: true, claimInMs: true, keepInMs: true, now: true })
  const {
    maxEntries = 100_000,
    claimInMs = 60_000,
    // Past the 76 hours that the Standard Webhooks retry schedule takes, with room for a resend by hand.
    keepInMs = 7 * 24 * 60 * 60 * 1000,
    now = Date.now,
  } = options
  for (const [option, value] of Object.entries({ maxEntries, claimInMs, keepInMs })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new OptionError(option, 'must be a positive integer')
  }
  if (claimInMs > longestClaimInMs) throw new OptionError('claimInMs', 'must be a day at most')
  if (typeof now !== 'function') throw new OptionError('now', 'must be a function')

  // By key, the claim that owns it and when that ends.
  const held = new Map<string, { claim: DedupeClaim; endsAt: number }>()
  const done = createDoneDeliveries(maxEntries)

  return {
    claimInMs,
    keepInMs,

    async begin(id, { tenant = '' } = {}) {
      const key = toDedupeKey(id)
      const time = now()
      forgetAbandoned(time)
      if ((held.get(key)?.endsAt ?? 0) > time) return 'in-progress'
      if (done.has(tenant, key, time)) return 'done'
      const claim: DedupeClaim = {
        async commit() {
          if (!isHeld()) return
          held.delete(key)
          const committedAt = now()
          done.add(tenant, key, { time: committedAt, endsAt: committedAt + keepInMs })
        },
        async abort() {
          if (isHeld()) held.delete(key)
        },
        async renew() {
          if (!isHeld()) return false
          hold(now())
          return true
        },
      }
      // A claim that ended is held until another takes the id: a slow handler that is alone with it may still commit.
      const isHeld = (): boolean => held.get(key)?.claim === claim
      const hold = (from: number): void => {
        held.delete(key)
        held.set(key, { claim, endsAt: from + claimInMs })
      }
      hold(time)
      return claim
    },
  }

  // Of a handler that never ended. The claim that was renewed last is the last one in the Map.
  function forgetAbandoned(time: number): void {
    for (const [key, { endsAt }] of held) {
      if (endsAt + keepInMs > time) break
      held.delete(key)
    }
  }
}
