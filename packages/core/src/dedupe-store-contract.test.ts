import { describe, expect, test } from 'vitest'
import type { DedupeClaim, DedupeStore } from './dedupe-store.ts'
import { memoryDedupe } from './memory-dedupe.ts'
import { dedupeStoreContract, type DedupeContractOptions } from './testing.ts'

type Change = (store: DedupeStore) => DedupeStore

function inMemory(change: Change = (store) => store): DedupeContractOptions {
  let time = 0
  return {
    openStore: (times) => change(memoryDedupe({ ...times, now: () => time })),
    pass: (durationInMs) => void (time += durationInMs),
  }
}

describe('memoryDedupe', () => {
  test.each(dedupeStoreContract(inMemory()))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

// The contract itself: some case has to notice each of these.
const broken: Record<string, Change> = {
  'that overwrites a claim': () => inOrder(() => createClaim()),
  'that never gives a claim': () => inOrder(() => 'in-progress'),
  'that asks first and claims later': (store) => {
    const asked = new Set<string>()
    return {
      ...store,
      async begin(id) {
        const isNew = !asked.has(id)
        await new Promise(setImmediate)
        asked.add(id)
        const state = await store.begin(id)
        return isNew && state === 'in-progress' ? createClaim() : state
      },
    }
  },
  'whose claims do not end': (store) => ({ ...memoryDedupe({ claimInMs: 1e9 }), claimInMs: store.claimInMs }),
  'whose renewals do nothing': changeClaim(() => ({ renew: async () => true })),
  'whose late abort frees the claim of another': (store) => ({
    ...store,
    async begin(id) {
      const state = await store.begin(id)
      if (typeof state === 'string') return state
      owners.set(id, state)
      return { ...state, abort: async () => owners.get(id)?.abort() }
    },
  }),
  'whose late commit counts': (store) => ({
    ...store,
    async begin(id) {
      const state = await store.begin(id)
      if (typeof state === 'string') return state
      owners.set(id, state)
      return { ...state, commit: async () => owners.get(id)?.commit() }
    },
  }),
  'that forgets at once': changeClaim((claim) => ({ commit: () => claim.abort() })),
  'that never forgets': (store) => ({
    ...memoryDedupe({ claimInMs: store.claimInMs }),
    keepInMs: store.keepInMs,
  }),
  'that folds ids into one': (store) => ({ ...store, begin: (id) => store.begin(id.toLowerCase().trim()) }),
  'that takes an id only as long as a column': (store) => ({
    ...store,
    begin: (id) => store.begin(id.slice(0, 255)),
  }),
}
const owners = new Map<string, DedupeClaim>()

describe('dedupeStoreContract', () => {
  test.each(Object.entries(broken))('does not pass a store %s', async (_name, change) => {
    const results = await Promise.allSettled(
      dedupeStoreContract(inMemory(change)).map(async ({ run }) => run()),
    )
    expect(results.map(({ status }) => status)).toContain('rejected')
  })

  test('waits by itself for a store that has the time of the machine', async () => {
    const cases = dedupeStoreContract({ openStore: memoryDedupe, claimInMs: 40 })
    const ofTime = cases.filter(({ name }) => name.startsWith('lets a late'))
    expect(ofTime).toHaveLength(7)
    const held = cases.find(({ name }) => name.startsWith('gives a claim that has ended'))
    await expect(held!.run()).resolves.toBeUndefined()
  })

  test('disposes of the stores that it opened', async () => {
    let open = 0
    const cases = dedupeStoreContract({
      ...inMemory(),
      openStore(times) {
        open += 1
        return { ...memoryDedupe(times), [Symbol.asyncDispose]: async () => void (open -= 1) }
      },
      isShared: true,
    })
    await Promise.allSettled(cases.map(async ({ run }) => run()))
    expect(open).toBe(0)
  })
})

function createClaim(): DedupeClaim {
  return { commit: async () => {}, abort: async () => {}, renew: async () => true }
}

function inOrder(begin: () => DedupeClaim | 'in-progress'): DedupeStore {
  return { claimInMs: 1000, keepInMs: 2000, begin: async () => begin() }
}

function changeClaim(change: (claim: DedupeClaim) => Partial<DedupeClaim>): Change {
  return (store) => ({
    ...store,
    async begin(...parameters) {
      const state = await store.begin(...parameters)
      return typeof state === 'string' ? state : { ...state, ...change(state) }
    },
  })
}
