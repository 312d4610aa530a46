import type { CircuitChange } from '../../ledger.ts'
import type { Context } from '../context.ts'

/** Opens or closes the circuit of an endpoint. One that was open already is open since then. */
export function prepareSetCircuit({
  database,
  endpoints,
  versions,
  now,
}: Context): (endpointId: string, circuit: CircuitChange) => void {
  const open = database.prepare(`
    UPDATE taskhook_endpoints
    SET circuit_since = CASE WHEN circuit_until IS NULL THEN ? ELSE circuit_since END, circuit_until = ?, circuit_openings = ?
    WHERE number = ?
  `)
  const close = database.prepare(`
    UPDATE taskhook_endpoints
    SET circuit_since = CASE WHEN circuit_until IS NULL THEN circuit_since ELSE ? END, circuit_until = NULL, circuit_openings = 0
    WHERE number = ?
  `)
  return (endpointId, circuit) => {
    const endpoint = endpoints.give(endpointId)
    if (circuit.state === 'open') {
      open.run(now(), now() + Math.ceil(circuit.forInMs), circuit.openings, endpoint)
    } else {
      close.run(now(), endpoint)
    }
    versions.raiseRevision(endpoint)
  }
}
