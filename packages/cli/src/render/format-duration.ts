const unitsInMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** A length of time in one unit: `2 d`, `4 h`, `4 min`, `5 s`, `2.5 s`, `12 ms`. Never longer than it is. */
export function formatDuration(timeInMs: number): string {
  for (const [unit, unitInMs] of unitsInMs) {
    const count = timeInMs / unitInMs
    if (count >= 1)
      return `${unit === 's' && count < 10 ? Math.floor(count * 10) / 10 : Math.floor(count)} ${unit}`
  }
  return `${Math.max(0, Math.floor(timeInMs))} ms`
}
