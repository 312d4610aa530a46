import { mostCounted } from '../sources/read-overview.ts'

/** A count of what waits, that may have ended at its limit. */
export function nameCount(count: number): string {
  return count >= mostCounted ? `${mostCounted} or more` : String(count)
}

/** The same with its noun: `1 delivery is`, `2 deliveries are`. */
export function describeCount(count: number): string {
  return count === 1 ? '1 delivery is' : `${nameCount(count)} deliveries are`
}
