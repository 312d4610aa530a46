import type { DatabaseSync } from 'node:sqlite'

// Half of what is promised. One look takes some 2 µs: it reads a counter from shared memory.
const intervalInMs = 50

/** Tells of changes, see {@link createChangeWatch}. */
export interface ChangeWatch {
  /** Calls back from now on; returns what ends it. */
  listen(listener: () => void): () => void
  /** Notes a change that was made through this connection: others in this process may share it. */
  note(): void
  close(): void
}

/** Tells of commits by other connections, this process's included, and of those noted here. */
export function createChangeWatch(database: DatabaseSync): ChangeWatch {
  const read = database.prepare('PRAGMA data_version')
  const version = (): unknown => read.get()?.['data_version']
  const listeners = new Set<() => void>()
  let known: unknown
  let isNoted = false
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    let current: unknown
    try {
      current = version()
    } catch {
      // Locked for a moment, by a process that recovers the log, say: the next look tells.
      return
    }
    if (current === known && !isNoted) return
    known = current
    isNoted = false
    for (const listener of listeners) listener()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    listen(listener) {
      // So that the same function may listen twice.
      const own = (): void => listener()
      if (timer === undefined) {
        known = version()
        timer = setInterval(look, intervalInMs)
        timer.unref()
      }
      listeners.add(own)
      return () => {
        listeners.delete(own)
        if (listeners.size === 0) stop()
      }
    },
    note: () => void (isNoted = listeners.size > 0),
    close() {
      listeners.clear()
      stop()
    },
  }
}
