import type { DatabaseSync } from 'node:sqlite'
import type { EndpointRecord, PauseReason } from '../ledger.ts'
import type { Row } from './delivery-row.ts'

/** What is stored about endpoints, and what their deliveries amount to. */
export function prepareListEndpoints(database: DatabaseSync): (ids: readonly string[]) => EndpointRecord[] {
  const list = database.prepare(`
    WITH ids (id) AS (
      SELECT value FROM json_each(?)
      UNION SELECT id FROM taskhook_endpoints
      UNION SELECT DISTINCT endpoint_id FROM taskhook_deliveries WHERE state = 'pending'
    ), pending (id, count, oldest) AS (
      SELECT endpoint_id, count(*), min(number) FROM taskhook_deliveries WHERE state = 'pending' GROUP BY endpoint_id
    )
    SELECT endpoints.*, ids.id AS id, pending.count AS pending, oldest.accepted_at AS oldest_pending_at
    FROM ids
    LEFT JOIN taskhook_endpoints AS endpoints ON endpoints.id = ids.id
    LEFT JOIN pending ON pending.id = ids.id
    LEFT JOIN taskhook_deliveries AS oldest ON oldest.number = pending.oldest
    ORDER BY ids.id
  `)
  return (ids) => list.all(JSON.stringify(ids)).map(toEndpointRecord)
}

function toEndpointRecord(row: Row): EndpointRecord {
  const record: EndpointRecord = {
    id: String(row['id']),
    pending: Number(row['pending'] ?? 0),
    circuit: {
      state: (row['circuit_state'] ?? 'closed') as EndpointRecord['circuit']['state'],
      since: Number(row['circuit_since'] ?? 0),
    },
  }
  if (row['paused_reason'] !== null) {
    record.paused = { reason: row['paused_reason'] as PauseReason, since: Number(row['paused_at']) }
  }
  if (row['oldest_pending_at'] !== null) record.oldestPendingAt = Number(row['oldest_pending_at'])
  if (row['last_success_at'] !== null) record.lastSuccessAt = Number(row['last_success_at'])
  if (row['last_failure_at'] !== null) record.lastFailureAt = Number(row['last_failure_at'])
  return record
}

/** The endpoints that are paused. */
export function prepareListPaused(database: DatabaseSync): () => string[] {
  const list = database.prepare('SELECT id FROM taskhook_endpoints WHERE paused_reason IS NOT NULL')
  return () => list.all().map((row) => String(row['id']))
}

/** Pauses an endpoint, or resumes it without a reason. */
export function preparePause(
  database: DatabaseSync,
): (id: string, reason: PauseReason | null, now: number) => void {
  const pause = database.prepare(`
    INSERT INTO taskhook_endpoints (id, paused_reason, paused_at) VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET paused_reason = excluded.paused_reason, paused_at = excluded.paused_at
  `)
  return (id, reason, now) => void pause.run(id, reason, now)
}

/** Notes the state of a circuit. */
export function prepareNoteCircuit(
  database: DatabaseSync,
): (id: string, circuit: EndpointRecord['circuit']) => void {
  const note = database.prepare(`
    INSERT INTO taskhook_endpoints (id, circuit_state, circuit_since) VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET circuit_state = excluded.circuit_state, circuit_since = excluded.circuit_since
  `)
  return (id, { state, since }) => void note.run(id, state, since)
}

/** Notes when an endpoint last took a delivery, and when an attempt last failed. */
export function prepareNoteOutcomes(
  database: DatabaseSync,
): (id: string, outcomes: { successAt?: number; failureAt?: number }) => void {
  const note = database.prepare(`
    INSERT INTO taskhook_endpoints (id, last_success_at, last_failure_at) VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
      last_success_at = coalesce(excluded.last_success_at, last_success_at),
      last_failure_at = coalesce(excluded.last_failure_at, last_failure_at)
  `)
  return (id, { successAt = null, failureAt = null }) => void note.run(id, successAt, failureAt)
}
