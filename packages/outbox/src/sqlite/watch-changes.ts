import type { DatabaseSync } from 'node:sqlite'

// Half of what is promised. One look takes some 2 µs: it reads a counter from shared memory.
const intervalInMs = 50

/** Tells of commits by other connections, this process's included; returns what ends it. */
export function watchChanges(database: DatabaseSync, listener: () => void): () => void {
  const read = database.prepare('PRAGMA data_version')
  const version = (): unknown => read.get()?.['data_version']
  let known = version()
  const timer = setInterval(() => {
    let current: unknown
    try {
      current = version()
    } catch {
      // Locked for a moment, by a process that recovers the log, say: the next look tells.
      return
    }
    if (current === known) return
    known = current
    listener()
  }, intervalInMs)
  timer.unref()
  return () => clearInterval(timer)
}
