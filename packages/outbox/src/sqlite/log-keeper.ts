import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { inMemory } from './open-database.ts'

/** Something that an operator should know of a ledger's file. */
export interface LedgerWarning {
  code: 'ledger_log_large'
  message: string
  file: string
  sizeInBytes: number
}

/** Keeps the write-ahead log of a file small, see {@link createLogKeeper}. */
export interface LogKeeper {
  /** Looks after the log now and then, and once nothing more is written. */
  afterCommit(): void
  close(): void
}

const largeLogInBytes = 256 * 1024 * 1024
const commitsBetweenLooks = 500
const idleAfterInMs = 1000

/** Makes a process warning of a ledger's warning. */
export function emitProcessWarning({ message }: LedgerWarning): void {
  process.emitWarning(message, { type: 'TaskhookWarning', code: 'TASKHOOK_LEDGER_LOG_LARGE' })
}

/**
 * SQLite copies the log into the database as it grows, but not past what an open read transaction still needs: while one lasts, the
 * log grows without bound. No one but its owner can end it, so an operator is told. Once writing pauses, the log is copied whole, so
 * that the next one begins at its start.
 */
export function createLogKeeper(
  database: DatabaseSync,
  file: string,
  onWarning: (warning: LedgerWarning) => void,
  largeInBytes: number = largeLogInBytes,
): LogKeeper {
  if (file === inMemory) return { afterCommit() {}, close() {} }
  let commitCount = 0
  let isWarned = false
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    const sizeInBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
    if (sizeInBytes < largeInBytes) isWarned = false
    else if (!isWarned) {
      isWarned = true
      const message = `the write-ahead log of ${file} has grown to ${Math.round(sizeInBytes / 1024 / 1024)} MB, because a connection keeps a read transaction open: find and end it, or the disk will fill up`
      onWarning({ code: 'ledger_log_large', message, file, sizeInBytes })
    }
  }

  function whenIdle(): void {
    timer = undefined
    try {
      database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // Others write or copy just now: the log is looked after by them, or the next time.
    }
    look()
  }

  return {
    afterCommit() {
      commitCount += 1
      if (commitCount % commitsBetweenLooks === 0) look()
      if (timer === undefined) timer = setTimeout(whenIdle, idleAfterInMs).unref()
      else timer.refresh()
    },
    close: () => clearTimeout(timer),
  }
}
