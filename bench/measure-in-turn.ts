import type { Candidate } from './bench.ts'

/** The figures of each candidate, one a round. */
export type Measurements = ReadonlyMap<string, readonly number[]>

/**
 * Measures all candidates once a round, so that whatever else the machine does meets all of them alike, and the figures
 * of one round can be compared. Each round begins one candidate further, so that none always pays for the garbage of
 * the same other. The first tenth of the rounds, and one at least, is for warming up and does not count.
 */
export async function measureInTurn(candidates: readonly Candidate[], rounds: number): Promise<Measurements> {
  const measurements = new Map<string, number[]>(candidates.map(({ name }) => [name, []]))
  const warmUpRounds = Math.ceil(rounds / 10)
  for (let round = -warmUpRounds; round < rounds; round++) {
    const first = (round + warmUpRounds) % candidates.length
    for (const { name, measure } of [...candidates.slice(first), ...candidates.slice(0, first)]) {
      const figure = await measure()
      if (round >= 0) measurements.get(name)?.push(figure)
    }
  }
  return measurements
}
