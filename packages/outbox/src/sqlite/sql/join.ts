import type { DispatcherRecord } from '../../ledger.ts'
import type { Context } from '../context.ts'

/** Registers a dispatcher, or changes what is registered of it. */
export function prepareJoin({ database, versions }: Context): (dispatcher: DispatcherRecord) => void {
  const join = database.prepare(`
    INSERT INTO taskhook_dispatchers (id, place, endpoint_ids) VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET place = excluded.place, endpoint_ids = excluded.endpoint_ids
  `)
  return ({ id, place, endpointIds }) => {
    join.run(id, place, JSON.stringify(endpointIds))
    versions.raiseGeneration()
  }
}
