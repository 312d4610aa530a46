import type { EndpointControl } from '../../ledger.ts'
import { toEndpointControl } from '../../records/endpoint-record.ts'
import type { Context } from '../context.ts'

/** What is decided about endpoints that something was decided about after a revision. */
export function prepareReadEndpoints({
  database,
  now,
}: Context): (sinceRevision: number) => EndpointControl[] {
  const read = database.prepare(`
    SELECT id, revision, paused_reason AS pausedReason, circuit_until AS circuitUntil, circuit_openings AS circuitOpenings
    FROM taskhook_endpoints WHERE revision > ? ORDER BY id
  `)
  return (sinceRevision) => read.all(sinceRevision).map((row) => toEndpointControl(row, now()))
}
