import type { DatabaseSync } from 'node:sqlite'
import type { Settlement } from '../ledger.ts'
import { preparePromote } from './promote.ts'

/** Where a settlement happened, and how. */
export interface Settled {
  endpointId: string
  isSuccess: boolean
}

/** Writes down an attempt and what the delivery becomes; `undefined`, and no change, when the lease was lost. */
export function prepareSettle(database: DatabaseSync): (settlement: Settlement) => Settled | undefined {
  const update = database.prepare(`
    UPDATE taskhook_deliveries
    SET state = CASE WHEN ?3 <> 'delivered' AND cancel_requested THEN 'canceled' ELSE ?3 END,
      ready_at = CASE WHEN cancel_requested THEN NULL ELSE ?4 END,
      settled_at = CASE WHEN ?3 = 'pending' AND NOT cancel_requested THEN NULL ELSE ?5 END,
      cancel_requested = 0,
      leased_by = NULL,
      tries = tries + 1,
      attempt_count = attempt_count + 1
    WHERE id = ?1 AND lease_token = ?2 AND leased_by IS NOT NULL
    RETURNING number, endpoint_id AS endpointId, ordering_key AS orderingKey, state, attempt_count AS attemptCount
  `)
  const insertAttempt = database.prepare(`
    INSERT INTO taskhook_attempts
      (delivery, number, started_at, duration_in_ms, outcome, status, error_code, error_message, response, next_attempt_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `)
  const promote = preparePromote(database)

  return ({ lease: { id, token }, attempt, state, readyAt = null, now }) => {
    const row = update.get(id, token, state, readyAt, now)
    if (row === undefined) return undefined
    insertAttempt.run(
      row['number']!,
      row['attemptCount']!,
      attempt.startedAt,
      attempt.durationInMs,
      attempt.outcome,
      attempt.status ?? null,
      attempt.errorCode ?? null,
      attempt.errorMessage ?? null,
      attempt.response === undefined ? null : JSON.stringify(attempt.response),
      row['state'] === 'pending' ? (attempt.nextAttemptAt ?? null) : null,
    )
    const endpointId = String(row['endpointId'])
    if (row['state'] !== 'pending') promote(endpointId, String(row['orderingKey']))
    return { endpointId, isSuccess: attempt.outcome === 'delivered' }
  }
}
