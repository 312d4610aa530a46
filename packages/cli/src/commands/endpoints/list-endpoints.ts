import type { CliContext } from '../../cli-context.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { withOutbox } from '../../outbox/with-outbox.ts'
import { toTable } from '../../output/table.ts'
import { printable } from '../../output/printable.ts'

// Whatever is pending, the answer comes in the time of some look-ups in an index.
const countLimit = 10_000

/** Prints every endpoint that the outbox knows. */
export async function listEndpoints(context: CliContext, flags: OutboxFlags & JsonFlag): Promise<void> {
  const { output } = context
  const endpoints = await withOutbox(context, flags, (outbox) => outbox.endpoints.list({ countLimit }))
  if (flags.json) {
    // Nothing is configured here: it would say no of every endpoint.
    for (const { isConfigured: _, ...endpoint } of endpoints) output.printJson(endpoint)
    return
  }
  const rows = endpoints.map((endpoint) => [
    printable(endpoint.id),
    `${endpoint.pending} pending`,
    endpoint.paused === undefined ? '' : endpoint.paused.reason === 'gone' ? 'gone' : 'paused',
  ])
  for (const line of toTable(rows)) output.print(line)
}
