import type { Verdict } from './judge.ts'

/** What a {@link Verdict} says of a run that nothing is wrong with. */
export const sound: Pick<Verdict, 'lost' | 'outOfOrder' | 'overlapping' | 'unexplained' | 'unknown'> = {
  lost: [],
  outOfOrder: [],
  overlapping: [],
  unexplained: [],
  unknown: [],
}
