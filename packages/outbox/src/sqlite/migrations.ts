import type { DatabaseSync } from 'node:sqlite'
import { OutboxError } from '../outbox-error.ts'
import { rollBack } from './roll-back.ts'

/**
 * The schema, one step a version; a step that was released is never changed. Every name begins with `taskhook_`, since
 * the file may be the application's own, which is also why the version is in a table and not in `user_version`.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE taskhook_deliveries (
    -- The order accepted. A resend moves a delivery to the end.
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    endpoint_id TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    type TEXT NOT NULL,
    payload TEXT NOT NULL,
    idempotency_key TEXT,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'exhausted', 'canceled')),
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    accepted_at INTEGER NOT NULL,
    -- When its first attempt may be made, once it is the head of its ordering key.
    ready_from INTEGER NOT NULL,
    -- When the head of an ordering key may be claimed, or its lease ends. NULL for those that wait behind it, and for
    -- those that are done: so the index over it has only what can be claimed, however much else there is.
    ready_at INTEGER,
    lease_token INTEGER NOT NULL DEFAULT 0,
    leased_by TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    attempt_count INTEGER NOT NULL DEFAULT 0,
    settled_at INTEGER
  ) STRICT;

  CREATE INDEX taskhook_deliveries_ready ON taskhook_deliveries (endpoint_id, ready_at) WHERE ready_at IS NOT NULL;
  CREATE INDEX taskhook_deliveries_pending ON taskhook_deliveries (endpoint_id, ordering_key, number)
    WHERE state = 'pending';
  CREATE UNIQUE INDEX taskhook_deliveries_idempotency ON taskhook_deliveries (endpoint_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
  CREATE INDEX taskhook_deliveries_ordering_key ON taskhook_deliveries (ordering_key);
  CREATE INDEX taskhook_deliveries_unsuccessful ON taskhook_deliveries (state)
    WHERE state IN ('exhausted', 'canceled');
  CREATE INDEX taskhook_deliveries_delivered ON taskhook_deliveries (settled_at) WHERE state = 'delivered';

  CREATE TABLE taskhook_attempts (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    duration_in_ms REAL NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    error_code TEXT,
    error_message TEXT,
    response TEXT,
    next_attempt_at INTEGER,
    PRIMARY KEY (delivery, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE taskhook_endpoints (
    id TEXT PRIMARY KEY,
    paused_reason TEXT CHECK (paused_reason IN ('operator', 'gone')),
    paused_at INTEGER,
    circuit_state TEXT NOT NULL DEFAULT 'closed',
    circuit_since INTEGER NOT NULL DEFAULT 0,
    last_success_at INTEGER,
    last_failure_at INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
]

/**
 * Brings the file to the newest schema, in one transaction.
 *
 * @throws OutboxError `ledger_newer` when a newer version of this package has been there, `ledger_unavailable` when its
 * deliveries are on PostgreSQL now.
 */
export function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE IF NOT EXISTS taskhook_schema (version INTEGER NOT NULL) STRICT')
    const row = database.prepare('SELECT max(version) AS version FROM taskhook_schema').get()
    const version = Number(row?.['version'] ?? 0)
    if (version > migrations.length) {
      throw new OutboxError(
        'ledger_newer',
        `the ledger has schema version ${version}, this package knows up to ${migrations.length}: update it`,
      )
    }
    if (database.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'taskhook_moved'`).get() !== undefined) {
      throw new OutboxError(
        'ledger_unavailable',
        'the outbox of this file was moved to PostgreSQL, and its deliveries go on there',
      )
    }
    for (const [index, step] of migrations.entries()) {
      if (index < version) continue
      database.exec(step)
      database.prepare('INSERT INTO taskhook_schema (version) VALUES (?)').run(index + 1)
    }
    database.exec('COMMIT')
  } catch (error) {
    rollBack(database)
    throw error
  }
}
