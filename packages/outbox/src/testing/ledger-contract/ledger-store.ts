import type { Ledger } from '../../ledger.ts'
import { createTestTime, type TestTime } from '../test-time.ts'

/** A store of its own for one test; it goes with the test. */
export interface LedgerStore<T> {
  /** Opens the store, and once more as another process would. */
  open(): Promise<Ledger<T>>
  /** Begins a transaction of the application on it. */
  begin(): Promise<ApplicationTransaction<T>>
  /** Whether a transaction that has written keeps all others from writing until it ends. */
  isSerialized: boolean
}

/** The application's own transaction. */
interface ApplicationTransaction<T> {
  transaction: T
  commit: () => Promise<void>
  rollBack: () => Promise<void>
}

/** Makes a store for the test that is running, whose ledgers have the time given. */
export type CreateStore<T> = (options: { now: () => number }) => Promise<LedgerStore<T>>

/** What a test of the contract begins with. */
export interface OpenStore<T> {
  store: LedgerStore<T>
  ledger: Ledger<T>
  time: TestTime
}

/** Makes a store, and opens it. */
export async function openStore<T>(createStore: CreateStore<T>): Promise<OpenStore<T>> {
  const time = createTestTime()
  const store = await createStore({ now: time.now })
  return { store, ledger: await store.open(), time }
}
