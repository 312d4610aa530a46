import type { DatabaseSync } from 'node:sqlite'

/** Makes the first pending delivery of an ordering key its head, if it is not already. */
export function preparePromote(database: DatabaseSync): (endpointId: string, orderingKey: string) => void {
  const promote = database.prepare(`
    UPDATE taskhook_deliveries SET ready_at = ready_from
    WHERE number = (
      SELECT min(number) FROM taskhook_deliveries
      WHERE endpoint_id = ? AND ordering_key = ? AND state = 'pending'
    ) AND ready_at IS NULL
  `)
  return (endpointId, orderingKey) => void promote.run(endpointId, orderingKey)
}
