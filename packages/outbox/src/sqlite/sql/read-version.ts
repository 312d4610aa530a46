import type { Context } from '../context.ts'

/** A text that is another one after each commit, of this connection or another. */
export function prepareReadVersion({ database }: Context): () => string {
  // The first counts what others commit, the second what this connection writes.
  const ofOthers = database.prepare('PRAGMA data_version')
  const own = database.prepare('SELECT total_changes() AS count')
  return () => `${String(ofOthers.get()?.['data_version'])}.${String(own.get()?.['count'])}`
}
