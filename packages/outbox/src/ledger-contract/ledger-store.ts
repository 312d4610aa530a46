import type { Ledger } from '../ledger.ts'

/** A store of its own for one test; it goes with the test. */
export interface LedgerStore<T> {
  /** Opens the store, and once more as another process would. */
  open(): Promise<Ledger<T>>
  /** Begins a transaction of the application on it. */
  begin(): Promise<ApplicationTransaction<T>>
}

/** The application's own transaction. */
interface ApplicationTransaction<T> {
  transaction: T
  commit(): Promise<void>
  rollBack(): Promise<void>
}

/** Makes a store for the test that is running. */
export type CreateStore<T> = () => Promise<LedgerStore<T>>
