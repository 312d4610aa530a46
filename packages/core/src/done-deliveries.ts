/** What was handled, by tenant and key, and until when it is remembered. */
export interface DoneDeliveries {
  has(tenant: string, key: string, time: number): boolean
  add(tenant: string, key: string, life: { time: number; endsAt: number }): void
}

/**
 * Remembers up to `maxEntries` in all. Above that, the oldest entry of a tenant over its share goes; shares are equal, so
 * a tenant that sends much evicts its own.
 */
export function createDoneDeliveries(maxEntries: number): DoneDeliveries {
  // A Map keeps the order of insertion, so each is its own queue of what to evict.
  const tenants = new Map<string, Map<string, number>>()
  let size = 0

  function remove(tenant: string, entries: Map<string, number>, key: string): void {
    entries.delete(key)
    size -= 1
    if (entries.size === 0) tenants.delete(tenant)
  }

  function evict(tenant: string, entries: Map<string, number>): void {
    const share = maxEntries / tenants.size
    // Only a tenant within its share evicts an entry of another one, so this search is rare.
    const [from, ofTenant] = entries.size > share ? [tenant, entries] : largest(tenants)
    const [oldest] = ofTenant.keys()
    if (oldest !== undefined) remove(from, ofTenant, oldest)
  }

  return {
    has(tenant, key, time) {
      const entries = tenants.get(tenant)
      const endsAt = entries?.get(key)
      if (entries === undefined || endsAt === undefined) return false
      if (endsAt > time) return true
      remove(tenant, entries, key)
      return false
    },

    add(tenant, key, { time, endsAt }) {
      const entries = tenants.get(tenant) ?? new Map<string, number>()
      tenants.set(tenant, entries)
      if (!entries.delete(key)) size += 1
      entries.set(key, endsAt)
      for (const [oldest, oldestEndsAt] of entries) {
        if (oldestEndsAt > time) break
        remove(tenant, entries, oldest)
      }
      if (size > maxEntries) evict(tenant, entries)
    },
  }
}

function largest(
  tenants: ReadonlyMap<string, Map<string, number>>,
): [tenant: string, entries: Map<string, number>] {
  let found: [string, Map<string, number>] = ['', new Map()]
  for (const one of tenants) if (one[1].size > found[1].size) found = one
  return found
}
