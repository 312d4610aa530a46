import type { EndpointRecord, PauseReason } from '@taskhook/outbox'
import type { Database } from './database.ts'
import type { Row } from './postgres-client.ts'
import type { Now } from './time.ts'

/** What is stored about endpoints, and what their deliveries amount to. */
export function prepareListEndpoints({
  schema,
  query,
}: Database): (ids: readonly string[]) => Promise<EndpointRecord[]> {
  const text = `
    WITH pending (id, count, oldest) AS MATERIALIZED (
      SELECT endpoint_id, count(*), min(number) FROM ${schema}.deliveries WHERE state = 'pending' GROUP BY endpoint_id
    ), ids (id) AS (
      SELECT id COLLATE "C" FROM unnest($1::text[]) AS given (id)
      UNION SELECT id FROM ${schema}.endpoints
      UNION SELECT id FROM pending
    )
    SELECT endpoints.*, ids.id AS id, pending.count AS pending, oldest.accepted_at AS oldest_pending_at
    FROM ids
    LEFT JOIN ${schema}.endpoints AS endpoints ON endpoints.id = ids.id
    LEFT JOIN pending ON pending.id = ids.id
    LEFT JOIN ${schema}.deliveries AS oldest ON oldest.number = pending.oldest
    ORDER BY ids.id
  `
  return async (ids) => (await query(text, [ids])).map(toEndpointRecord)
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
export function prepareListPaused({ schema, query }: Database): () => Promise<string[]> {
  const text = `SELECT id FROM ${schema}.endpoints WHERE paused_reason IS NOT NULL`
  return async () => (await query(text)).map((row) => String(row['id']))
}

/** Pauses an endpoint, or resumes it without a reason. */
export function preparePause(
  { schema, query }: Database,
  { now, sender }: { now: Now; sender: string },
): (id: string, reason: PauseReason | null, given: number) => Promise<void> {
  const text = `
    WITH paused AS (
      INSERT INTO ${schema}.endpoints (id, paused_reason, paused_at) VALUES ($1, $2, ${schema}.time_in_ms($3))
      ON CONFLICT (id) DO UPDATE SET paused_reason = excluded.paused_reason, paused_at = excluded.paused_at
    )
    SELECT ${schema}.notify($4)
  `
  return async (id, reason, given) => void (await query(text, [id, reason, now(given), sender]))
}

/** Notes the state of a circuit. */
export function prepareNoteCircuit(
  { schema, query }: Database,
  now: Now,
): (id: string, circuit: EndpointRecord['circuit']) => Promise<void> {
  const text = `
    INSERT INTO ${schema}.endpoints (id, circuit_state, circuit_since)
    VALUES ($1, $2, ${schema}.time_in_ms($3) - $4::bigint)
    ON CONFLICT (id) DO UPDATE SET circuit_state = excluded.circuit_state, circuit_since = excluded.circuit_since
  `
  return async (id, { state, since }) => {
    const at = now(since)
    await query(text, [id, state, at, at === null ? Date.now() - since : 0])
  }
}

/** When an endpoint last took a delivery, and when an attempt last failed. */
export interface Outcomes {
  successAt?: number
  failureAt?: number
}

/** Notes the latest outcomes at endpoints. */
export function prepareNoteOutcomes({
  schema,
  query,
}: Database): (outcomes: ReadonlyMap<string, Outcomes>) => Promise<void> {
  const text = `
    INSERT INTO ${schema}.endpoints AS endpoint (id, last_success_at, last_failure_at)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (id, success_at, failure_at) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
      last_success_at = greatest(excluded.last_success_at, endpoint.last_success_at),
      last_failure_at = greatest(excluded.last_failure_at, endpoint.last_failure_at)
  `
  return async (outcomes) => {
    const times = [...outcomes.values()]
    await query(text, [
      [...outcomes.keys()],
      times.map(({ successAt }) => successAt ?? null),
      times.map(({ failureAt }) => failureAt ?? null),
    ])
  }
}
