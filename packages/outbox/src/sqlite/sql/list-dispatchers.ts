import type { LiveDispatcher } from '../../ledger.ts'
import type { Context } from '../context.ts'

/** Who has joined and not left. */
export function prepareListDispatchers({ database }: Context): () => LiveDispatcher[] {
  const list = database.prepare('SELECT id, place, endpoint_ids, beat FROM taskhook_dispatchers ORDER BY id')
  return () =>
    list.all().map((row) => ({
      id: String(row['id']),
      place: String(row['place']),
      endpointIds: JSON.parse(String(row['endpoint_ids'])) as string[],
      beat: Number(row['beat']),
    }))
}
