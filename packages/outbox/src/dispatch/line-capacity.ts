// Per endpoint and kind: enough that an attempt does not wait for a read, and bounded for all endpoints together.
const mostLines = 256
const mostLinesOfAll = 20_000

/** How many lines of each kind an endpoint has in memory at the most, one of so many endpoints. */
export function lineCapacity(maxConcurrency: number, endpointCount: number): number {
  const share = Math.floor(mostLinesOfAll / Math.max(1, endpointCount))
  return Math.max(2 * maxConcurrency, Math.min(mostLines, share))
}
