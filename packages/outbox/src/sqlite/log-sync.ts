import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { inMemory } from './open-database.ts'
import { toOutboxError } from './sqlite-error.ts'
import { shareNext } from './share-next.ts'

/** Brings what was committed to the disk, see {@link openLogSync}. */
export interface LogSync {
  /**
   * Resolves when everything that is committed at the time of the call is on the disk. There is one sync at a time:
   * calls that come during a sync share the next one.
   *
   * @param isAlone Whether nothing else is to be written or synced meanwhile. Then a disk that was quick last time is waited for in
   * this thread, and it is `undefined`: to hand a sync over and to hear of its end takes longer than the sync.
   */
  sync(isAlone?: boolean): Promise<void> | undefined
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
  return {
    sync(isAlone = false) {
      if (!isAlone || durationInMs > quickInMs) return syncBeside()
      try {
        syncHere()
        return undefined
      } catch (error) {
        return Promise.reject(error)
      }
    },
    close: () => closeSync(descriptor),
  }
}

// Below it, a disk is not worth another thread.
const quickInMs = 1

function openLog(file: string): number {
  try {
    // Windows syncs only what is open for writing.
    return openSync(file, 'r+')
  } catch (error) {
    throw toOutboxError(error)
  }
}
