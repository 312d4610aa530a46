const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** A duration in its two largest units: `1 d 2 h`, `3 min`, `850 ms`. */
export function describeDuration(inMs: number): string {
  if (inMs < 1000) return `${Math.max(0, Math.round(inMs))} ms`
  const first = units.findIndex(([, size]) => inMs >= size)
  const [name, size] = units[first]!
  const count = Math.floor(inMs / size)
  const [nextName, nextSize] = units[first + 1] ?? [undefined, 1]
  const rest = Math.floor((inMs % size) / nextSize)
  return nextName === undefined || rest === 0 ? `${count} ${name}` : `${count} ${name} ${rest} ${nextName}`
}
