import type { DatabaseSync } from 'node:sqlite'

/** When the next delivery of an endpoint falls due. */
export function prepareNextReadyAt(database: DatabaseSync): (endpointId: string) => number | undefined {
  const next = database.prepare(`
    SELECT min(ready_at) AS readyAt FROM taskhook_deliveries WHERE endpoint_id = ? AND ready_at IS NOT NULL
  `)
  return (endpointId) => (next.get(endpointId)?.['readyAt'] as number | null | undefined) ?? undefined
}
