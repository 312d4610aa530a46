import type { Source } from '../sources/source.ts'

/** Calls back after something has changed in one of the outboxes. Returns what ends it. */
export function watchSources(
  sources: readonly Pick<Source, 'deliveries'>[],
  listener: () => void,
): () => void {
  const ended = new AbortController()
  for (const source of sources) void watchSource(source, listener, ended.signal)
  return () => ended.abort()
}

async function watchSource(
  { deliveries }: Pick<Source, 'deliveries'>,
  listener: () => void,
  signal: AbortSignal,
): Promise<void> {
  // It waits for a ledger that is away, and ends when the ledger is closed.
  const looks = deliveries.watch({ signal })[Symbol.asyncIterator]()
  while ((await looks.next()).done !== true) listener()
}
