import type { Context } from '../context.ts'
import { prepareSetCircuit } from './set-circuit.ts'

/** Ends the pause of an endpoint, whatever its reason, and closes its circuit. */
export function prepareResumeEndpoint(context: Context): (id: string) => void {
  const { database, endpoints } = context
  const resume = database.prepare(
    'UPDATE taskhook_endpoints SET paused_reason = NULL, paused_at = NULL WHERE number = ?',
  )
  const setCircuit = prepareSetCircuit(context)
  return (id) => {
    resume.run(endpoints.give(id))
    setCircuit(id, { state: 'closed' })
  }
}
