import type { NewDelivery } from '../../delivery.ts'
import type { Acceptance } from '../../ledger.ts'
import { partitionOf } from '../../records/partition-of.ts'
import type { Context } from '../context.ts'
import { partitionCount } from '../partition-count.ts'

/** Accepts one delivery, or finds the one that has its idempotency key. */
export function prepareEnqueue({
  database,
  endpoints,
  lines,
  numbers,
  now,
}: Context): (delivery: NewDelivery) => Acceptance {
  const insert = database.prepare(`
    INSERT INTO taskhook_deliveries
      (number, id, endpoint, partition, line, type, idempotency_key, accepted_at, ready_at, wait_in_ms, payload, context)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `)
  const findRepeated = database.prepare(`
    SELECT id FROM taskhook_deliveries WHERE endpoint = ? AND idempotency_key = ?
  `)

  return ({
    id,
    endpointId,
    orderingKey,
    type,
    payload,
    idempotencyKey = null,
    context = null,
    delayInMs = 0,
  }) => {
    const endpoint = endpoints.give(endpointId)
    if (idempotencyKey !== null) {
      const first = findRepeated.get(endpoint, idempotencyKey)
      if (first !== undefined) return { id: String(first['id']), isRepeat: true }
    }
    const acceptedAt = now()
    const wait = delayInMs > 0 ? Math.ceil(delayInMs) : null
    // By position, in the order of the columns: by name, binding costs as much as inserting.
    insert.run(
      numbers.next(),
      id,
      endpoint,
      partitionOf(orderingKey, partitionCount),
      lines.give(endpoint, orderingKey),
      type,
      idempotencyKey,
      acceptedAt,
      wait === null ? null : acceptedAt + wait,
      wait,
      payload,
      context,
    )
    return { id, isRepeat: false }
  }
}
