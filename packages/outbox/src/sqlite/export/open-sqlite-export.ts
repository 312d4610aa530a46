import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isSurelyDead } from '../../dispatch/place.ts'
import type { LiveDispatcher } from '../../ledger.ts'
import { OutboxError } from '../../outbox-error.ts'
import { checkVersion, findVersion, hasTable, movedTable, tables } from '../schema.ts'
import { coded, readExportedDeliveries, readExportedEndpoints } from './read-exported.ts'
import type { SqliteExport } from './sqlite-export.ts'

/** Options of {@link openSqliteExport}. */
export interface SqliteExportOptions {
  /** How long to wait for the write lock, in milliseconds. Default 5000. */
  busyTimeoutInMs?: number
  /** Whether a dispatcher that is registered has died. Default: whether its process on this machine has. */
  isDead?: (dispatcher: Pick<LiveDispatcher, 'id' | 'place'>) => boolean
}

/**
 * Opens the outbox in a SQLite file to move it to another ledger. No process may deliver from it: an attempt that is under way would be
 * made again, and its outcome be written nowhere.
 *
 * @throws OutboxError `ledger_unavailable` when there is none, `ledger_newer` when a newer version wrote it, `ledger_busy` when a
 * process delivers from it or holds its lock, `ledger_read_only`, `ledger_corrupt`.
 */
export function openSqliteExport(file: string, options: SqliteExportOptions = {}): SqliteExport {
  const { busyTimeoutInMs = 5000, isDead = ({ place }) => isSurelyDead(place) } = options
  if (!existsSync(file)) throw new OutboxError('ledger_unavailable', `there is no file ${file}`)
  return coded(() => {
    const database = new DatabaseSync(file)
    try {
      // A rename must not look into views and triggers of the application, which may be the file's owner.
      database.exec(`
        PRAGMA busy_timeout = ${busyTimeoutInMs};
        PRAGMA synchronous = FULL;
        PRAGMA legacy_alter_table = ON;
        BEGIN IMMEDIATE
      `)
      const movedTo = findMovedTo(database)
      if (movedTo === undefined) {
        if (findVersion(database) === 0) {
          throw new OutboxError('ledger_unavailable', `there is no outbox in ${file}`)
        }
        checkVersion(database)
        checkDispatchers(database, file, isDead)
      }
      return createExport(database, movedTo)
    } catch (error) {
      database.close()
      throw error
    }
  })
}

function createExport(database: DatabaseSync, movedTo: string | undefined): SqliteExport {
  return {
    movedTo,
    readDeliveries: () => readExportedDeliveries(database),
    readEndpoints: () => readExportedEndpoints(database),
    setAside: (to) =>
      coded(() => {
        for (const name of tables) {
          database.exec(`ALTER TABLE taskhook_${name} RENAME TO taskhook_moved_${name}`)
        }
        database.exec(`CREATE TABLE ${movedTable} (ledger_id TEXT NOT NULL) STRICT`)
        database.prepare(`INSERT INTO ${movedTable} VALUES (?)`).run(to)
      }),
    commit: () => coded(() => database.exec('COMMIT')),
    close: () => database.close(),
  }
}

function findMovedTo(database: DatabaseSync): string | undefined {
  if (!hasTable(database, movedTable)) return undefined
  return String(database.prepare(`SELECT ledger_id FROM ${movedTable}`).get()?.['ledger_id'])
}

function checkDispatchers(
  database: DatabaseSync,
  file: string,
  isDead: (dispatcher: Pick<LiveDispatcher, 'id' | 'place'>) => boolean,
): void {
  const rows = database.prepare('SELECT id, place FROM taskhook_dispatchers').all()
  const alive = rows.find(({ id, place }) => !isDead({ id: String(id), place: String(place) }))
  if (alive === undefined) return
  throw new OutboxError(
    'ledger_busy',
    `a process delivers from ${file}: stop it first. If it died in another container, start a process on this file and stop it: it takes over, and then leaves`,
  )
}
