import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { checkOptions, OptionError } from '@taskhook/core'
import { inMemory } from '../sqlite/open-database.ts'
import { createBootClock, type BootClock } from './boot-clock.ts'

/** Options of `sqliteDedupe`: where the database is, `file` or `database`, and more. */
export interface SqliteDedupeOptions {
  /**
   * The path of the database. The file is created if it is missing. It may be the application's own database, or that
   * of an inbox. `:memory:` is for tests.
   */
  file?: string
  /**
   * A connection of the application, instead of a path. The store opens the same file itself, so its writes are never
   * part of an open transaction of the application.
   */
  database?: DatabaseSync
  /** How long a finished delivery is remembered, in milliseconds. Default 604 800 000, a week. */
  keepInMs?: number
  /** How long a claim is held unless it is renewed, in milliseconds. Default 60 000; a day at most. */
  claimInMs?: number
  /** How long a write waits while another connection holds the write lock, in milliseconds. Default 5000. */
  busyTimeoutInMs?: number
  /** The time of day, in milliseconds. Default `Date.now`. */
  now?: () => number
  /**
   * The clock that claims end by, for tests.
   *
   * @internal
   */
  bootClock?: BootClock
}

const longestClaimInMs = 24 * 60 * 60 * 1000

/**
 * Checks the options, with defaults.
 *
 * @throws OptionError for the first that cannot work.
 */
export function resolveOptions(
  options: SqliteDedupeOptions,
): { path: string } & Required<Omit<SqliteDedupeOptions, 'file' | 'database'>> {
  checkOptions<SqliteDedupeOptions>(options, {
    file: true,
    database: true,
    keepInMs: true,
    claimInMs: true,
    busyTimeoutInMs: true,
    now: true,
    bootClock: true,
  })
  const {
    file,
    database,
    // Past the 76 hours that the Standard Webhooks retry schedule takes, with room for a resend by hand.
    keepInMs = 7 * 24 * 60 * 60 * 1000,
    claimInMs = 60_000,
    busyTimeoutInMs = 5000,
    now = Date.now,
    bootClock = createBootClock(now),
  } = options ?? {}
  if ((file === undefined) === (database === undefined)) {
    throw new OptionError('file', 'must be given, or database must be: exactly one of them')
  }
  whole('keepInMs', keepInMs, { from: 1, to: Number.MAX_SAFE_INTEGER })
  whole('claimInMs', claimInMs, { from: 1, to: longestClaimInMs })
  whole('busyTimeoutInMs', busyTimeoutInMs, { from: 0, to: 2 ** 31 - 1 })
  if (typeof now !== 'function') throw new OptionError('now', 'must be a function')
  if (typeof bootClock?.now !== 'function' || typeof bootClock.boot !== 'string') {
    throw new OptionError('bootClock', 'must be { boot, now }: a string and a function')
  }
  const path = file === undefined ? pathOf(database!) : toPath(file)
  return { path, keepInMs, claimInMs, busyTimeoutInMs, now, bootClock }
}

function toPath(file: string): string {
  if (typeof file !== 'string' || file === '') throw new OptionError('file', 'must be a path')
  // As it is now, should the working directory of the process change.
  return file === inMemory ? file : resolve(file)
}

function pathOf(database: DatabaseSync): string {
  if (typeof database?.prepare !== 'function') {
    throw new OptionError('database', 'must be a DatabaseSync of node:sqlite that is open')
  }
  const rows = database.prepare('PRAGMA database_list').all()
  const path = String(rows.find((row) => row['name'] === 'main')?.['file'] ?? '')
  if (path === '') {
    throw new OptionError(
      'database',
      'must be on a file: no other connection can write to a database in memory',
    )
  }
  return path
}

function whole(option: string, value: number, { from, to }: { from: number; to: number }): void {
  if (!Number.isSafeInteger(value) || value < from || value > to) {
    throw new OptionError(option, `must be a whole number of milliseconds from ${from} to ${to}`)
  }
}
