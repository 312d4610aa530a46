import type { Context } from '../context.ts'

/** Pauses an endpoint, for an operator. */
export function preparePauseEndpoint({ database, endpoints, versions, now }: Context): (id: string) => void {
  const pause = database.prepare(`
    UPDATE taskhook_endpoints SET paused_reason = 'operator', paused_at = ?
    WHERE number = ? AND paused_reason IS NOT 'operator'
  `)
  return (id) => {
    const endpoint = endpoints.give(id)
    pause.run(now(), endpoint)
    versions.raiseRevision(endpoint)
  }
}
