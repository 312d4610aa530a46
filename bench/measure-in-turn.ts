import type { Candidate } from './bench.ts'

/** The figures of each candidate, one a round. */
export type Measurements = ReadonlyMap<string, readonly number[]>

/**
 * Measures all candidates once a round, so that whatever else the machine does meets all of them alike, and the figures
 * of one round can be compared. Each round begins one candidate further, so that none always pays for the garbage of
 * the same other. The rounds for warming up come first, and do not count.
 */
export async function measureInTurn(
  candidates: readonly Candidate[],
  { rounds, warmUpRounds }: { rounds: number; warmUpRounds: number },
): Promise<Measurements> {
  const measurements = new Map<string, number[]>(candidates.map(({ name }) => [name, []]))
  for (let round = -warmUpRounds; round < rounds; round++) {
    const first = (round + warmUpRounds) % candidates.length
    for (const { name, measure } of [...candidates.slice(first), ...candidates.slice(0, first)]) {
      const figure = await measure()
      if (round >= 0) measurements.get(name)?.push(figure)
    }
  }
  return measurements
}
