import type { Candidate } from './bench.ts'
import { percentile } from './percentile.ts'

/** What is measured many times a round, and of which some percentiles are shown. */
export interface Sampled {
  name: string
  /** Which percentiles, and what each should be, in words. */
  percentiles: readonly { percent: number; target?: string }[]
  /** Works for a moment, and returns all that was measured. */
  sample: () => Promise<readonly number[]>
}

/** A candidate for each of the percentiles. One sample a round is taken for all of them. */
export function percentileCandidates({ name, percentiles, sample }: Sampled): Candidate[] {
  let taken: Promise<readonly number[]> | undefined
  const shown = new Set<number>()
  return percentiles.map(({ percent, ...given }) => ({
    name: `${name}, p${percent}`,
    ...given,
    async measure() {
      // Who is asked a second time is asked in the next round.
      if (taken === undefined || shown.has(percent)) {
        taken = sample()
        shown.clear()
      }
      shown.add(percent)
      return percentile(await taken, percent)
    },
  }))
}
