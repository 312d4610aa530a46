const minuteInMs = 60_000

/** How long the outcomes of a minute are kept, in milliseconds: a week. */
export const outcomesKeptInMs: number = 7 * 24 * 60 * minuteInMs

/** When the minute of a time began; both in milliseconds since 1970. */
export function minuteOf(time: number): number {
  return Math.floor(time / minuteInMs) * minuteInMs
}
