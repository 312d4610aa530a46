import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { DeliveryFilter, DeliverySummary } from '@taskhook/outbox/tasks'
import type { Source } from './source.ts'

/** A page of deliveries that match. */
export interface Found {
  deliveries: DeliverySummary[]
  nextCursor?: string
  /** Among how many of the latest was looked, when the search ended there: older ones may match too. */
  lookedAt?: number
}

const pageSize = 50
// One look at so many takes a few milliseconds.
const lookedAtOnce = 20_000
const mostLookedAt = 1_000_000

/**
 * Lists what matches, the latest first. A task, and a state other than delivered, are looked up in an index. What has none, an event or times, is looked
 * for among the latest, a part at a time, and no further than a bound: a search must not stop the sender in whose process it is.
 */
export async function searchDeliveries(
  { deliveries }: Pick<Source, 'deliveries'>,
  filter: DeliveryFilter,
  given?: string,
): Promise<Found> {
  if (isIndexed(filter)) return deliveries.list({ ...filter, limit: pageSize, cursor: given })
  const matching: DeliverySummary[] = []
  let lookedAt = 0
  let cursor = given
  do {
    if (lookedAt > 0) await yieldToOthers()
    const limit = pageSize - matching.length
    const page = await deliveries.list({ ...filter, limit, cursor, lookAtMost: lookedAtOnce })
    matching.push(...page.deliveries)
    lookedAt += lookedAtOnce
    cursor = page.nextCursor
  } while (cursor !== undefined && matching.length < pageSize && lookedAt < mostLookedAt)
  return {
    deliveries: matching,
    ...(cursor !== undefined && { nextCursor: cursor }),
    ...(cursor !== undefined && matching.length < pageSize && { lookedAt }),
  }
}

/** Whether an index answers all of a filter. */
function isIndexed({
  taskId,
  state,
  endpointId,
  eventType,
  acceptedFrom,
  acceptedBefore,
}: DeliveryFilter): boolean {
  // What there is of one task is little, whatever else is asked of it.
  if (taskId !== undefined) return true
  const isFew = state !== undefined && state !== 'delivered'
  const isMore = eventType !== undefined || acceptedFrom !== undefined || acceptedBefore !== undefined
  return !isMore && (isFew || endpointId === undefined)
}
