/** What one bench measures: candidates that do the same work, some of them the floor of others. */
export interface Bench extends AsyncDisposable {
  title: string
  /** Of what {@link Candidate.measure} returns. */
  unit: Unit
  /** How often every candidate is measured, unless the command line says otherwise. */
  rounds: number
  candidates: readonly Candidate[]
  /** Said under the table, once all is measured. */
  note?: () => string
}

/** What figures are in. */
export type Unit = 'ns/op' | 'ms' | 'req/s' | 'MB'

/** What a bench is made with. */
export interface BenchOptions {
  /** So little work that it only shows that the bench runs. Default false. */
  isSmall?: boolean
}

/** A candidate that another one is compared with, and what the ratio should be, in words. */
export interface Comparison {
  floor: string
  target?: string
}

/** One way to do the work. */
export interface Candidate {
  name: string
  /** The name of the candidate that this one is compared with; a floor itself has none. */
  floor?: string
  /** What the ratio to the floor should be, or without a floor the figure, in words. */
  target?: string
  /** Of its figures, where it is not that of the bench. */
  unit?: Unit
  /** Other candidates that it is compared with too, each in a row more. */
  comparisons?: readonly Comparison[]
  /** Works for a moment, and returns how fast it went. */
  measure: () => Promise<number>
}
