import { equal, fail } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { DedupeClaim, DedupeContext, DedupeStore } from './dedupe-store.ts'

/** One promise of a dedupe store, see `dedupeStoreContract`. */
export interface DedupeContractCase {
  /** What the store does, as the title of a test. */
  name: string
  /** Rejects with an `AssertionError` when the store does not keep the promise. */
  run: () => Promise<void>
}

/** A store under test. One that has `Symbol.asyncDispose` is disposed of when its case is over. */
type StoreUnderTest = DedupeStore & Partial<AsyncDisposable>

/** The store that `dedupeStoreContract` is about. */
export interface DedupeContractOptions {
  /** Opens the store with these times, in milliseconds. Each case has ids of its own, so what is stored need not be empty. */
  openStore: (times: { claimInMs: number; keepInMs: number }) => StoreUnderTest | Promise<StoreUnderTest>
  /** Whether stores that are opened one after the other share what they remember, as several processes do. Default false. */
  isShared?: boolean
  /** Lets time pass for the store, if it has a clock of the test's own. Default: waits that long. */
  pass?: (durationInMs: number) => void | Promise<void>
  /** How long claims are held in the cases that let them end, in milliseconds. Default 1000; small with {@link pass}. */
  claimInMs?: number
  /** Begins a transaction of the application. Default: the store takes none, and these cases are left out. */
  begin?: () => Promise<DedupeContractTransaction>
}

/** A transaction of the application in which a claim is committed. */
export interface DedupeContractTransaction {
  /** What `commit({ transaction })` gets. */
  transaction: unknown
  commit: () => Promise<void>
  rollBack: () => Promise<void>
}

/** What the cases do with a store. */
export interface DedupeTrial {
  claimInMs: number
  keepInMs: number
  store: DedupeStore
  /** Of another process, where stores are shared; else the same one. */
  other: DedupeStore
  /** An id that no other case has. */
  id: string
  pass: (durationInMs: number) => Promise<void>
  begin: () => Promise<DedupeContractTransaction>
}

/** Makes a case of what is done with a store. */
export function createCase(
  options: DedupeContractOptions,
  name: string,
  body: (trial: DedupeTrial) => Promise<void>,
): DedupeContractCase {
  const { isShared = false, claimInMs = 1000, pass = wait } = options
  const keepInMs = 2 * claimInMs
  return {
    name,
    async run() {
      const store = await options.openStore({ claimInMs, keepInMs })
      const other = isShared ? await options.openStore({ claimInMs, keepInMs }) : store
      try {
        await body({
          claimInMs,
          keepInMs,
          store,
          other,
          id: randomUUID(),
          async pass(durationInMs) {
            await pass(durationInMs)
          },
          begin: async () => options.begin?.() ?? fail('this store takes no transaction'),
        })
      } finally {
        for (const each of new Set([store, other])) await each[Symbol.asyncDispose]?.()
      }
    },
  }
}

/** Claims an id that is free. */
export async function claimOf(store: DedupeStore, id: string, context?: DedupeContext): Promise<DedupeClaim> {
  const answer = await store.begin(id, context)
  if (typeof answer === 'string') fail(`begin answered "${answer}" where a claim was to be had`)
  return answer
}

/** Checks what `begin` answers without keeping a claim. */
export async function expectState(
  store: DedupeStore,
  id: string,
  expected: 'free' | 'in-progress' | 'done',
): Promise<void> {
  const answer = await store.begin(id)
  equal(typeof answer === 'string' ? answer : 'free', expected)
  if (typeof answer !== 'string') await answer.abort()
}
