import type { LiveDispatcher } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** The dispatchers that have joined and not left, in the order of their ids. */
export function prepareListDispatchers({
  database: { schema, query },
}: LedgerContext): () => Promise<LiveDispatcher[]> {
  const text = `
    SELECT id, place, endpoint_ids, beat
    FROM ${schema}.dispatchers JOIN ${schema}.beats ON dispatcher_id = id
    ORDER BY id
  `
  return async () => {
    const rows = await query(text)
    return rows.map((row) => ({
      id: String(row['id']),
      place: String(row['place']),
      endpointIds: row['endpoint_ids'] as string[],
      beat: Number(row['beat']),
    }))
  }
}
