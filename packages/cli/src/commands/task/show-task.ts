import type { DeliveryDetails, TaskDeliveries } from '@taskhook/outbox/tasks'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import type { Output } from '../../output/output.ts'
import { printable } from '../../output/printable.ts'
import { withDeliveries } from '../../outbox/with-deliveries.ts'
import { describeAttempt } from '../../render/describe-attempt.ts'
import { describeWait } from '../../render/describe-wait.ts'
import { formatMoment } from '../../render/format-moment.ts'
import { paintState } from '../../render/paint-state.ts'

/** The flags of `task`. */
export interface TaskFlags extends OutboxFlags, JsonFlag {
  endpoint?: string | undefined
  eventType?: string | undefined
  limit: number
}

const maxLimit = 1000

/** Prints the timeline of a task, first event first. */
export async function showTask(context: CliContext, flags: TaskFlags, taskId: string): Promise<void> {
  const { output } = context
  const { limit } = flags
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new CommandError('usage_invalid', `--limit must be a whole number from 1 to ${maxLimit}`)
  }
  const { deliveries, hasMore } = await withDeliveries(context, flags, (all) => find(all, flags, taskId))
  if (deliveries.length === 0) {
    const where = flags.endpoint === undefined && flags.eventType === undefined ? '' : ' that matches'
    throw new CommandError('not_found', `there is no delivery of the task "${printable(taskId)}"${where}`)
  }
  if (hasMore) output.note(`The latest ${limit}. There are more: --limit`)
  if (flags.json) {
    for (const delivery of deliveries) output.printJson(delivery)
    return
  }
  for (const [index, delivery] of deliveries.entries()) {
    if (delivery.eventType !== deliveries[index - 1]?.eventType) {
      output.print(output.style.strong(printable(delivery.eventType)))
    }
    printDelivery(output, { delivery, behind: findEarlier(deliveries, index), now: context.now() })
  }
}

async function find(
  all: TaskDeliveries,
  { endpoint, eventType, limit }: TaskFlags,
  taskId: string,
): Promise<{ deliveries: DeliveryDetails[]; hasMore: boolean }> {
  const page = await all.list({ taskId, endpointId: endpoint, eventType, limit })
  const deliveries: DeliveryDetails[] = []
  for (const { id } of page.deliveries.toReversed()) {
    const details = await all.get(id)
    // Undefined: purged a moment ago.
    if (details !== undefined) deliveries.push(details)
  }
  return { deliveries, hasMore: page.nextCursor !== undefined }
}

/** What a delivery waits for its turn behind, if it is among those shown. */
function findEarlier(deliveries: readonly DeliveryDetails[], index: number): DeliveryDetails | undefined {
  const { endpointId, waitsFor } = deliveries[index]!
  if (waitsFor !== 'turn' && waitsFor !== 'held') return undefined
  return deliveries
    .slice(0, index)
    .find(
      (earlier) =>
        earlier.endpointId === endpointId && (earlier.state === 'pending' || earlier.state === 'held'),
    )
}

function printDelivery(
  { print, style }: Output,
  { delivery, behind, now }: { delivery: DeliveryDetails; behind: DeliveryDetails | undefined; now: number },
): void {
  const { endpointId, state, acceptedAt, id, attempts } = delivery
  const facts = [printable(endpointId), paintState(state, style), `accepted ${formatMoment(acceptedAt)}`]
  print(`  ${facts.join('  ')}  ${style.faint(printable(id))}`)
  for (const attempt of attempts) {
    print(`    ${attempt.number}. ${formatMoment(attempt.startedAt)}  ${describeAttempt(attempt)}`)
  }
  const wait = describeWait(delivery, now)
  if (wait === undefined) return
  const first =
    behind === undefined ? '' : `, ${printable(behind.eventType)} (${printable(behind.id)}) is first`
  print(`    ${style.warning(`${wait}${first}`)}`)
}
