import type { DatabaseSync } from 'node:sqlite'
import { OutboxError } from '../outbox-error.ts'
import { rollBack } from './roll-back.ts'

const version = 1

/** The tables, without `taskhook_`: all but that of the version. */
export const tables: readonly string[] = [
  'deliveries',
  'lines',
  'attempts',
  'endpoints',
  'outcomes',
  'dispatchers',
  'partitions',
  'starts',
  'ledger',
]

/** The table that says that the others were moved away. */
export const movedTable = 'taskhook_moved'

/**
 * Every name begins with `taskhook_`, since the file may be the application's own, which is also why the version is in a table and not
 * in `user_version`.
 *
 * An index costs a page of the log for each place of it that a commit touches. So the indexes are few, and their entries small: endpoints
 * and lines are numbers there. Lines get theirs in the order in which they come, so that what is delivered one after the other is in few
 * places.
 */
const schema = `
  CREATE TABLE taskhook_deliveries (
    -- The order accepted. A resend moves a delivery to the end. No number is given twice, see taskhook_ledger.
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    endpoint INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    line INTEGER NOT NULL,
    type TEXT NOT NULL,
    idempotency_key TEXT,
    -- Not IN: SQLite would make a table of the four for each row that it writes, which takes a third of the time.
    state TEXT NOT NULL DEFAULT 'pending'
      CHECK (state = 'pending' OR state = 'delivered' OR state = 'exhausted' OR state = 'canceled'),
    accepted_at INTEGER NOT NULL,
    -- When a pending delivery may be attempted, if it was told to wait; and how long it was told to wait then. Without a time, it may
    -- be attempted as soon as its turn comes.
    ready_at INTEGER,
    wait_in_ms INTEGER,
    -- Attempts since it was accepted or resent, and all that there were.
    tries INTEGER NOT NULL DEFAULT 0,
    attempt_count INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_error_code TEXT,
    settled_at INTEGER,
    payload TEXT NOT NULL,
    context TEXT,
    -- The first attempt, as JSON. The others are in taskhook_attempts.
    first_attempt TEXT
  ) STRICT;

  -- What is pending of a line, in its order, since an entry ends with the number of its row.
  CREATE INDEX taskhook_deliveries_line ON taskhook_deliveries (line) WHERE state = 'pending';
  -- The backlog of an endpoint, in the order accepted.
  CREATE INDEX taskhook_deliveries_backlog ON taskhook_deliveries (endpoint, number, partition) WHERE state = 'pending';
  -- What was told to wait, by the end of the wait, and by when it was told so.
  CREATE INDEX taskhook_deliveries_waiting ON taskhook_deliveries (endpoint, ready_at, number, partition)
    WHERE state = 'pending' AND ready_at IS NOT NULL;
  CREATE INDEX taskhook_deliveries_told ON taskhook_deliveries (ready_at - wait_in_ms)
    WHERE state = 'pending' AND ready_at IS NOT NULL;
  CREATE UNIQUE INDEX taskhook_deliveries_idempotency ON taskhook_deliveries (endpoint, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
  -- What has become of a line.
  CREATE INDEX taskhook_deliveries_history ON taskhook_deliveries (line);
  CREATE INDEX taskhook_deliveries_unsuccessful ON taskhook_deliveries (state, endpoint)
    WHERE state IN ('exhausted', 'canceled');
  CREATE INDEX taskhook_deliveries_delivered ON taskhook_deliveries (settled_at) WHERE state = 'delivered';

  -- The ordering keys of endpoints, as long as there are deliveries of theirs.
  CREATE TABLE taskhook_lines (
    number INTEGER PRIMARY KEY,
    endpoint INTEGER NOT NULL,
    -- The CRC-32 of the ordering key, since an index of keys would be several times as large. Two keys may have the same one.
    key_hash INTEGER NOT NULL,
    ordering_key TEXT NOT NULL
  ) STRICT;
  CREATE INDEX taskhook_lines_key ON taskhook_lines (key_hash);

  -- The second attempt of a delivery, and those after it.
  CREATE TABLE taskhook_attempts (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE taskhook_endpoints (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- That of the latest decision about it or one of its pending deliveries.
    revision INTEGER NOT NULL DEFAULT 0,
    paused_reason TEXT CHECK (paused_reason IN ('operator', 'gone')),
    paused_at INTEGER,
    circuit_since INTEGER,
    -- Only of a circuit that is open.
    circuit_until INTEGER,
    circuit_openings INTEGER NOT NULL DEFAULT 0,
    last_success_at INTEGER,
    last_failure_at INTEGER
  ) STRICT;

  -- How many attempts ended how, by the minute that they ended in.
  CREATE TABLE taskhook_outcomes (
    minute INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (minute, endpoint)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE taskhook_dispatchers (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL,
    endpoint_ids TEXT NOT NULL,
    beat INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE taskhook_partitions (
    endpoint INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    owner TEXT,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (endpoint, partition)
  ) STRICT, WITHOUT ROWID;

  -- Attempts that have begun, where endpoints ask for that, by number of the delivery. One that is settled has other tries there.
  CREATE TABLE taskhook_starts (
    delivery INTEGER PRIMARY KEY,
    tries INTEGER NOT NULL,
    -- Who has begun it; NULL when it has not begun since it was counted or given up.
    dispatcher TEXT,
    -- How often in a row a dispatcher was gone that had begun it.
    crashes INTEGER NOT NULL
  ) STRICT;

  -- One row. The highest number that was deleted is kept, so that it is not given again.
  CREATE TABLE taskhook_ledger (
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    deleted_number INTEGER NOT NULL
  ) STRICT;
  INSERT INTO taskhook_ledger VALUES (0, 0, 0);
`

/**
 * Makes the tables if they are not there, in one transaction.
 *
 * @throws OutboxError `ledger_newer` when a newer version of this package has been there, `ledger_unavailable` when its
 * deliveries are on PostgreSQL now.
 */
export function createSchema(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    checkVersion(database)
    if (hasTable(database, movedTable)) {
      throw new OutboxError(
        'ledger_unavailable',
        'the outbox of this file was moved to PostgreSQL: open it there',
      )
    }
    if (findVersion(database) === 0) {
      database.exec(schema)
      database.exec('CREATE TABLE IF NOT EXISTS taskhook_schema (version INTEGER NOT NULL) STRICT')
      database.prepare('INSERT INTO taskhook_schema (version) VALUES (?)').run(version)
    }
    database.exec('COMMIT')
  } catch (error) {
    rollBack(database)
    throw error
  }
}

/** Whether a ledger is in the file, or was until it was moved away. */
export function hasSchema(database: DatabaseSync): boolean {
  return findVersion(database) > 0 || hasTable(database, movedTable)
}

/** @throws OutboxError `ledger_newer` when a newer version of this package has been there. */
export function checkVersion(database: DatabaseSync): void {
  const found = findVersion(database)
  if (found <= version) return
  throw new OutboxError(
    'ledger_newer',
    `the ledger has schema version ${found}, this package knows up to ${version}: update it`,
  )
}

/** The version of the tables that are there, 0 when none are. */
export function findVersion(database: DatabaseSync): number {
  if (!hasTable(database, 'taskhook_schema')) return 0
  const row = database.prepare('SELECT max(version) AS version FROM taskhook_schema').get()
  return Number(row?.['version'] ?? 0)
}

/** Whether a table is there. */
export function hasTable(database: DatabaseSync, name: string): boolean {
  const find = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`)
  return find.get(name) !== undefined
}
