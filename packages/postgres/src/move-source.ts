import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { OutboxError, type AttemptRecord, type DeliveryState, type OutboxErrorCode } from '@taskhook/outbox'
import type { Row } from './postgres-client.ts'

/** A delivery of the outbox that is moved, as far as PostgreSQL stores it. */
export interface MovedDelivery {
  id: string
  endpointId: string
  orderingKey: string
  type: string
  payload: string
  idempotencyKey: string | null
  state: DeliveryState
  acceptedAt: number
  readyFrom: number
  readyAt: number
  leaseToken: number
  tries: number
  settledAt: number | null
  /** A JSON array. */
  attempts: string
}

/** The outbox in a SQLite file; nobody else writes to it, or to anything in the file, before this is closed. */
export interface MoveSource {
  /** The ledger that it was moved to before, if it was. */
  movedTo: string | undefined
  /** Deliveries in the order accepted, some at a time. */
  readDeliveries(): Generator<MovedDelivery[]>
  readEndpoints(): Row[]
  /** Takes the tables out of the way of whoever delivers from them; {@link commit} makes it so. */
  setAside(ledgerId: string): void
  commit(): void
  /** Changes nothing that was not committed. */
  close(): void
}

/** The version of the tables that this reads. */
const version = 1
const busyTimeoutInMs = 5000
const deliveriesAtATime = 1000

/**
 * Opens the outbox in a SQLite file to move it.
 *
 * @throws OutboxError `ledger_unavailable` when there is none, `ledger_newer` when a newer version wrote it, `ledger_busy` when
 * somebody delivers from it or holds its lock, `ledger_read_only`, `ledger_corrupt`.
 */
export function openMoveSource(file: string): MoveSource {
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
      const movedTo = findLedgerMovedTo(database)
      if (movedTo === undefined) {
        checkVersion(database, file)
        checkLeases(database, file)
        giveBackLeases(database)
      }
      return createMoveSource(database, movedTo)
    } catch (error) {
      database.close()
      throw error
    }
  })
}

function createMoveSource(database: DatabaseSync, movedTo: string | undefined): MoveSource {
  return {
    movedTo,
    *readDeliveries() {
      const read = database.prepare(`
        SELECT number, id, endpoint_id AS endpointId, ordering_key AS orderingKey, type, payload,
          idempotency_key AS idempotencyKey, state, accepted_at AS acceptedAt, ready_from AS readyFrom,
          coalesce(ready_at, ready_from) AS readyAt, lease_token AS leaseToken, tries, settled_at AS settledAt
        FROM taskhook_deliveries WHERE number > ? ORDER BY number LIMIT ${deliveriesAtATime}
      `)
      const readAttempts = database.prepare(
        'SELECT * FROM taskhook_attempts WHERE delivery BETWEEN ? AND ? ORDER BY delivery, number',
      )
      let last = Number.MIN_SAFE_INTEGER
      for (;;) {
        const rows = coded(() => read.all(last)) as unknown as (MovedDelivery & { number: number })[]
        if (rows.length === 0) return
        const first = rows[0]!.number
        last = rows.at(-1)!.number
        const attempts = new Map(rows.map(({ number }) => [number, [] as string[]]))
        for (const row of coded(() => readAttempts.all(first, last))) {
          attempts.get(Number(row['delivery']))?.push(toAttempt(row))
        }
        yield rows.map((row) => Object.assign(row, { attempts: `[${attempts.get(row.number)!.join()}]` }))
      }
    },
    readEndpoints: () => coded(() => database.prepare('SELECT * FROM taskhook_endpoints').all()),
    setAside: (ledgerId) =>
      coded(() => {
        database.exec(`
          ALTER TABLE taskhook_deliveries RENAME TO taskhook_moved_deliveries;
          ALTER TABLE taskhook_attempts RENAME TO taskhook_moved_attempts;
          ALTER TABLE taskhook_endpoints RENAME TO taskhook_moved_endpoints;
          CREATE TABLE taskhook_moved (ledger_id TEXT NOT NULL) STRICT;
        `)
        database.prepare('INSERT INTO taskhook_moved VALUES (?)').run(ledgerId)
      }),
    commit: () => coded(() => database.exec('COMMIT')),
    close: () => database.close(),
  }
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return (
    database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(name) !== undefined
  )
}

function findLedgerMovedTo(database: DatabaseSync): string | undefined {
  if (!hasTable(database, 'taskhook_moved')) return undefined
  return String(database.prepare('SELECT ledger_id FROM taskhook_moved').get()?.['ledger_id'])
}

function checkVersion(database: DatabaseSync, file: string): void {
  if (!hasTable(database, 'taskhook_schema')) {
    throw new OutboxError('ledger_unavailable', `there is no outbox in ${file}`)
  }
  const found = Number(
    database.prepare('SELECT max(version) AS version FROM taskhook_schema').get()?.['version'],
  )
  if (found > version) {
    throw new OutboxError(
      'ledger_newer',
      `the outbox has schema version ${found}, this package knows up to ${version}: update it`,
    )
  }
}

/** An attempt that is under way would be made again, and its outcome be written nowhere. */
function checkLeases(database: DatabaseSync, file: string): void {
  const now = Date.now()
  const row = database
    .prepare(
      'SELECT max(ready_at) AS end FROM taskhook_deliveries WHERE ready_at > ? AND leased_by IS NOT NULL',
    )
    .get(now)
  const end = row?.['end'] ?? undefined
  if (end === undefined) return
  const waitInSeconds = Math.ceil((Number(end) - now) / 1000)
  throw new OutboxError(
    'ledger_busy',
    `a process delivers from ${file}: stop it first. If it has died, try again in ${waitInSeconds} s, when its leases end`,
  )
}

/** What was leased by a process that died is due, or canceled if that was asked for. */
function giveBackLeases(database: DatabaseSync): void {
  database
    .prepare(
      `UPDATE taskhook_deliveries
      SET state = CASE WHEN cancel_requested THEN 'canceled' ELSE state END,
        ready_at = CASE WHEN NOT cancel_requested THEN ready_at END,
        settled_at = CASE WHEN cancel_requested THEN ? END,
        cancel_requested = 0,
        leased_by = NULL
      WHERE ready_at IS NOT NULL AND leased_by IS NOT NULL`,
    )
    .run(Date.now())
}

/** A row as the JSON of an attempt, which says its number by its place. */
function toAttempt(row: Row): string {
  const attempt: Omit<AttemptRecord, 'number'> = {
    startedAt: Number(row['started_at']),
    ...optional('nextAttemptAt', row['next_attempt_at']),
    durationInMs: Number(row['duration_in_ms']),
    outcome: row['outcome'] as AttemptRecord['outcome'],
    ...optional('status', row['status']),
    ...optional('errorCode', row['error_code']),
    ...optional('errorMessage', row['error_message']),
    ...(row['response'] !== null && {
      response: JSON.parse(row['response'] as string) as AttemptRecord['response'] & {},
    }),
  }
  return JSON.stringify(attempt)
}

function optional<K extends string>(key: K, value: unknown): { [key in K]?: never } {
  return (value === null ? {} : { [key]: value }) as { [key in K]?: never }
}

// Primary result codes, the low byte of an extended one: https://www.sqlite.org/rescode.html
const codes: Readonly<Record<number, [code: OutboxErrorCode, message: string]>> = {
  5: ['ledger_busy', 'somebody else holds the write lock of the file'],
  8: ['ledger_read_only', 'the file cannot be written: check its permissions, and those of its folder'],
  11: ['ledger_corrupt', 'the file is damaged'],
  13: ['ledger_full', 'the disk of the file is full'],
  26: ['ledger_corrupt', 'the file is no SQLite database'],
}

function coded<T>(operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    if (OutboxError.isInstance(error) || !(error instanceof Error && 'errcode' in error)) throw error
    const [code, message] = codes[Number(error.errcode) & 0xff] ?? [
      'ledger_unavailable',
      'the file cannot be read',
    ]
    throw new OutboxError(code, `${message}, see the cause`, { cause: error })
  }
}
