import type { DeliverySummary, TaskDeliveries } from '@taskhook/outbox/tasks'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { toTable } from '../../output/table.ts'
import { checkEndpoint } from '../../outbox/find-endpoint.ts'
import { withDeliveries } from '../../outbox/with-deliveries.ts'
import { deliveryHead, toDeliveryRow } from '../../render/delivery-row.ts'
import { toFilter, type SearchFlags } from '../../search-flags.ts'

/** The flags of `deliveries list`. */
export interface ListFlags extends SearchFlags, OutboxFlags, JsonFlag {
  limit: number
  cursor?: string | undefined
}

const maxPageSize = 1000

/** Prints the deliveries that match. */
export async function listDeliveries(context: CliContext, flags: ListFlags): Promise<void> {
  const { output } = context
  if (!Number.isSafeInteger(flags.limit) || flags.limit < 1) {
    throw new CommandError('usage_invalid', '--limit must be a whole number, 1 or more')
  }
  await withDeliveries(context, flags, async (deliveries, outbox) => {
    // JSON as it is read, however much it is; a table when all of it is known.
    const rows: DeliverySummary[] = []
    const print = flags.json ? output.printJson : (delivery: DeliverySummary) => void rows.push(delivery)
    const { count, nextCursor } = await readPages(deliveries, { flags, print, signal: context.signal })
    if (count === 0) await checkEndpoint(outbox, flags.endpoint)
    if (rows.length > 0) {
      const head = deliveryHead.map(output.style.faint)
      const lines = toTable([head, ...rows.map((delivery) => toDeliveryRow(delivery, output.style))])
      for (const line of lines) output.print(line)
    } else if (!flags.json) output.note('No delivery matches.')
    if (nextCursor !== undefined) output.note(`There are more: --cursor ${nextCursor}`)
  })
}

async function readPages(
  deliveries: TaskDeliveries,
  {
    flags,
    print,
    signal,
  }: { flags: ListFlags; print: (delivery: DeliverySummary) => void; signal: AbortSignal },
): Promise<{ count: number; nextCursor: string | undefined }> {
  let left = flags.limit
  let { cursor } = flags
  do {
    const page = await deliveries.list({
      ...toFilter(flags),
      limit: Math.min(left, maxPageSize),
      cursor,
    })
    for (const delivery of page.deliveries) print(delivery)
    left -= page.deliveries.length
    cursor = page.nextCursor
  } while (cursor !== undefined && left > 0 && !signal.aborted)
  return { count: flags.limit - left, nextCursor: cursor }
}
