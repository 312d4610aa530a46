import type { CliContext } from '../../cli-context.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { withOutbox } from '../../outbox/with-outbox.ts'
import { toTable } from '../../output/table.ts'
import { printable } from '../../output/printable.ts'

/** Prints every endpoint that the outbox knows. */
export async function listEndpoints(context: CliContext, flags: OutboxFlags & JsonFlag): Promise<void> {
  const { output } = context
  const endpoints = await withOutbox(context, flags, (outbox) => outbox.endpoints.list())
  if (flags.json) {
    for (const endpoint of endpoints) output.printJson(endpoint)
    return
  }
  const rows = endpoints.map((endpoint) => [printable(endpoint.id), `${endpoint.pending} pending`])
  for (const line of toTable(rows)) output.print(line)
}
