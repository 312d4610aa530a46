import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { inMemory } from './open-database.ts'
import { toOutboxError } from './sqlite-error.ts'
import { shareNext } from './share-next.ts'

/**
 * How soon something has to be on the disk.
 *
 * - `now`: somebody waits for it;
 * - `alone`: the same, and nothing else is to be written or synced meanwhile. Then a disk that was quick last time is waited for in this thread:
 *   to hand a sync over and to hear of its end takes longer than the sync;
 * - `later`: those who wait have something else to do. It comes along with the next sync, or begins one when {@link LogSync.flush} is
 *   called, and after 5 ms at the latest.
 */
export type SyncTime = 'now' | 'alone' | 'later'

/** Brings what was committed to the disk, see {@link openLogSync}. */
export interface LogSync {
  /**
   * Resolves when everything that is committed at the time of the call is on the disk; `undefined` when it is there already. There is one sync at a time:
   * calls that come during a sync share the next one.
   */
  sync(time: SyncTime): Promise<void> | undefined
  /** Begins the sync that was to begin later. */
  flush(): void
  /** Not while a sync is under way. */
  close(): void
}

/**
 * Takes over from SQLite to sync the write-ahead log after each commit of a connection. With `synchronous = FULL` SQLite does that itself, and
 * keeps this thread waiting for the disk; here a thread of libuv waits. It syncs the file, so whatever other connections have committed comes
 * along.
 *
 * SQLite's locks are on the database and its `-shm` file. They would end if the process closed one of those, so this opens neither.
 *
 * @returns `undefined` for a database in memory, which no disk has.
 * @throws OutboxError `ledger_unavailable` when the log cannot be opened.
 */
export function openLogSync(database: DatabaseSync, file: string): LogSync | undefined {
  if (file === inMemory) return undefined
  const descriptor = openLog(`${file}-wal`)
  // It still syncs the log before it copies it into the database, and the head of a log that begins anew.
  database.exec('PRAGMA synchronous = NORMAL')
  let durationInMs = Number.POSITIVE_INFINITY
  const syncBeside = shareNext(() => {
    const startedAt = performance.now()
    return new Promise<void>((resolve, reject) => {
      fdatasync(descriptor, (error) => {
        durationInMs = performance.now() - startedAt
        if (error === null) resolve()
        else reject(error)
      })
    })
  })
  const syncHere = (): void => {
    const startedAt = performance.now()
    fdatasyncSync(descriptor)
    durationInMs = performance.now() - startedAt
  }
  let later: PromiseWithResolvers<void> | undefined
  let timer: NodeJS.Timeout | undefined

  function syncNow(): Promise<void> {
    const synced = syncBeside()
    clearTimeout(timer)
    later?.resolve(synced)
    later = undefined
    return synced
  }

  function flush(): void {
    if (later !== undefined) void syncNow()
  }

  function syncLater(): Promise<void> {
    if (later === undefined) {
      later = Promise.withResolvers<void>()
      timer = setTimeout(flush, putOffInMs)
    }
    return later.promise
  }

  return {
    sync(time) {
      if (time === 'later') return syncLater()
      if (time === 'now' || durationInMs > quickInMs) return syncNow()
      try {
        syncHere()
        return undefined
      } catch (error) {
        return Promise.reject(error)
      }
    },
    flush,
    close: () => closeSync(descriptor),
  }
}

// Below it, a disk is not worth another thread.
const quickInMs = 1
const putOffInMs = 5

function openLog(file: string): number {
  try {
    // Windows syncs only what is open for writing.
    return openSync(file, 'r+')
  } catch (error) {
    throw toOutboxError(error)
  }
}
