import type { Source } from '../sources/source.ts'

const intervalInMs = 2000

/** Calls back after something may have changed in one of the outboxes. Returns what ends it. */
export function watchSources(_sources: readonly Source[], listener: () => void): () => void {
  const timer = setInterval(listener, intervalInMs)
  timer.unref()
  return () => clearInterval(timer)
}
