import type { Candidate, Unit } from './bench.ts'
import { percentile } from './percentile.ts'
import { shareSample } from './share-sample.ts'

/** What is measured many times a round, and of which some percentiles are shown. */
export interface Sampled {
  name: string
  /** The name of the sampled one that this one is compared with, percentile by percentile. */
  floor?: string
  /** Where it is not that of the bench. */
  unit?: Unit
  /** Which percentiles, and what each should be, in words. */
  percentiles: readonly { percent: number; target?: string }[]
  /** Works for a moment, and returns all that was measured. */
  sample: () => Promise<readonly number[]>
}

/** A candidate for each of the percentiles. One sample a round is taken for all of them. */
export function percentileCandidates({ name, floor, unit, percentiles, sample }: Sampled): Candidate[] {
  const take = shareSample(sample)
  return percentiles.map(({ percent, ...given }) => ({
    name: `${name}, p${percent}`,
    ...(floor !== undefined && { floor: `${floor}, p${percent}` }),
    ...(unit !== undefined && { unit }),
    ...given,
    measure: async () => percentile(await take(`p${percent}`), percent),
  }))
}
