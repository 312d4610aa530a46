import type { DatabaseSync } from 'node:sqlite'
import type { NewDelivery } from '../delivery.ts'
import type { Acceptance } from '../ledger.ts'

/** Accepts one delivery: at once its turn when nothing of its ordering key is pending before it. */
export function prepareEnqueue(database: DatabaseSync): (delivery: NewDelivery) => Acceptance {
  const insert = database.prepare(`
    INSERT INTO taskhook_deliveries
      (id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at, ready_from, ready_at)
    SELECT :id, :endpointId, :orderingKey, :type, :payload, :idempotencyKey, :acceptedAt, :readyAt,
      CASE WHEN EXISTS (
        SELECT 1 FROM taskhook_deliveries
        WHERE endpoint_id = :endpointId AND ordering_key = :orderingKey AND state = 'pending'
      ) THEN NULL ELSE :readyAt END
    WHERE true
    ON CONFLICT (endpoint_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
  `)
  const findRepeated = database.prepare(`
    SELECT id FROM taskhook_deliveries WHERE endpoint_id = ? AND idempotency_key = ?
  `)

  return ({ idempotencyKey = null, ...delivery }) => {
    const { changes } = insert.run({ ...delivery, idempotencyKey })
    if (changes === 1) return { id: delivery.id, isRepeat: false }
    const first = findRepeated.get(delivery.endpointId, idempotencyKey)
    return { id: String(first?.['id']), isRepeat: true }
  }
}
