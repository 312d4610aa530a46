import { startOfTime } from './new-delivery.ts'

/** The time of a ledger under test: it stands still at {@link startOfTime} until the test moves it. */
export interface TestTime {
  now: () => number
  pass(durationInMs: number): void
  /** Sets the clock, back too. */
  set(time: number): void
}

/** Makes a time of the test's own. */
export function createTestTime(): TestTime {
  let now = startOfTime
  return {
    now: () => now,
    pass: (durationInMs) => void (now += durationInMs),
    set: (time) => void (now = time),
  }
}
