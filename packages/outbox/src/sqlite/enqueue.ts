import type { DatabaseSync } from 'node:sqlite'
import type { NewDelivery } from '../delivery.ts'
import type { Acceptance } from '../ledger.ts'

/** Accepts one delivery: at once its turn when nothing of its ordering key is pending before it. */
export function prepareEnqueue(database: DatabaseSync): (delivery: NewDelivery) => Acceptance {
  const insert = database.prepare(`
    INSERT INTO taskhook_deliveries
      (id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at, ready_from, ready_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,
      CASE WHEN EXISTS (
        SELECT 1 FROM taskhook_deliveries WHERE endpoint_id = ?2 AND ordering_key = ?3 AND state = 'pending'
      ) THEN NULL ELSE ?8 END
    WHERE true
    ON CONFLICT (endpoint_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
  `)
  const findRepeated = database.prepare(`
    SELECT id FROM taskhook_deliveries WHERE endpoint_id = ? AND idempotency_key = ?
  `)

  return ({ id, endpointId, orderingKey, type, payload, idempotencyKey = null, acceptedAt, readyAt }) => {
    // By position, in the order of the columns: by name, binding costs as much as inserting.
    const { changes } = insert.run(
      id,
      endpointId,
      orderingKey,
      type,
      payload,
      idempotencyKey,
      acceptedAt,
      readyAt,
    )
    if (changes === 1) return { id, isRepeat: false }
    const first = findRepeated.get(endpointId, idempotencyKey)
    return { id: String(first?.['id']), isRepeat: true }
  }
}
