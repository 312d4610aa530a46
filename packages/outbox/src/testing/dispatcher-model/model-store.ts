import type { Ledger } from '../../ledger.ts'
import type { TestClock } from '../test-clock.ts'

/** The store that the processes of a model share. */
export interface ModelStore<T> {
  /** Opens it as one more process would, with the time of the model. */
  open(): Promise<Ledger<T>>
  /** Ends what a process that was killed has left open there. */
  kill(ledger: Ledger<T>): Promise<void>
  /**
   * Looks into the tables of deliveries, dispatchers and partitions, and of the effects of attempts: by the names that they have on SQLite.
   *
   * @param text With a `?` for each value.
   */
  query: (text: string, ...values: readonly (string | number)[]) => Promise<Record<string, unknown>[]>
  /** What an attempt that delivers writes into its transaction. */
  writeEffect: (transaction: T, number: number) => Promise<void>
}

/** Makes a store for the run that begins. */
export type CreateModelStore<T> = (time: TestClock) => Promise<ModelStore<T>>
