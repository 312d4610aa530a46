import type { EndpointStatus, Outbox } from '@taskhook/outbox'
import { CommandError } from '../command-error.ts'
import { printable } from '../output/printable.ts'

const mostNamed = 10

/**
 * What an endpoint's state is.
 *
 * @throws CommandError `not_found`, with the endpoints that there are.
 */
export async function findEndpoint(
  { endpoints }: Pick<Outbox, 'endpoints'>,
  id: string,
): Promise<EndpointStatus> {
  const known = await endpoints.list()
  const found = known.find((endpoint) => endpoint.id === id)
  if (found !== undefined) return found
  const names = known.slice(0, mostNamed).map((endpoint) => `"${endpoint.id}"`)
  if (known.length > mostNamed) names.push('…')
  const hint = names.length === 0 ? '' : `; there are ${names.join(', ')}`
  throw new CommandError('not_found', printable(`there is no endpoint "${id}" in this outbox${hint}`))
}

/**
 * Refuses a filter by an endpoint that was mistyped, when nothing matches it.
 *
 * @throws CommandError `not_found`.
 */
export async function checkEndpoint(outbox: Outbox, endpointId: string | undefined): Promise<void> {
  if (endpointId === undefined) return
  // PostgreSQL lists no endpoint of which nothing is pending, and to which nothing was ever sent.
  const { deliveries } = await outbox.deliveries.list({ endpointId, limit: 1 })
  if (deliveries.length === 0) await findEndpoint(outbox, endpointId)
}
