import type { DeliveryFilter, DeliverySummary } from '@taskhook/outbox/tasks'
import type { Source } from './source.ts'

/** A page of deliveries that match. */
export interface Found {
  deliveries: DeliverySummary[]
  nextCursor?: string
  /** How many were looked at, when the search ended there: older ones may match too. */
  lookedAt?: number
}

const pageSize = 50
const readAtOnce = 250
const mostLookedAt = 20_000

/**
 * Lists what matches, the latest first. A task, and a state other than delivered, are looked up in an index. What has none, an event or times, is looked
 * for among the latest of those, a few at a time, and no further than a bound: a search must not stop the sender in whose process it is.
 */
export async function searchDeliveries(
  { deliveries }: Pick<Source, 'deliveries'>,
  filter: DeliveryFilter,
  given?: string,
): Promise<Found> {
  const { indexed, isIndexed } = splitFilter(filter)
  if (isIndexed) return deliveries.list({ ...indexed, limit: pageSize, cursor: given })
  const matching: DeliverySummary[] = []
  let lookedAt = 0
  let cursor = given
  do {
    const page = await deliveries.list({ ...indexed, limit: readAtOnce, cursor })
    matching.push(...page.deliveries.filter((delivery) => matches(delivery, filter)))
    lookedAt += page.deliveries.length
    cursor = page.nextCursor
  } while (cursor !== undefined && matching.length < pageSize && lookedAt < mostLookedAt)
  return {
    deliveries: matching,
    ...(cursor !== undefined && { nextCursor: cursor }),
    ...(cursor !== undefined && matching.length < pageSize && { lookedAt }),
  }
}

/** What of a filter an index answers; nothing more is to be looked for when that is all of it. */
function splitFilter(filter: DeliveryFilter): { indexed: DeliveryFilter; isIndexed: boolean } {
  const { taskId, state, endpointId, eventType, acceptedFrom, acceptedBefore } = filter
  // What there is of one task is little, whatever else is asked of it.
  if (taskId !== undefined) return { indexed: filter, isIndexed: true }
  const isFew = state !== undefined && state !== 'delivered'
  const isMore = eventType !== undefined || acceptedFrom !== undefined || acceptedBefore !== undefined
  return {
    indexed: { state, ...(isFew && { endpointId }) },
    isIndexed: !isMore && (isFew || endpointId === undefined),
  }
}

function matches(
  { endpointId, eventType, acceptedAt }: DeliverySummary,
  { endpointId: endpoint, eventType: event, acceptedFrom, acceptedBefore }: DeliveryFilter,
): boolean {
  return (
    (endpoint === undefined || endpointId === endpoint) &&
    (event === undefined || eventType === event) &&
    (acceptedFrom === undefined || acceptedAt >= acceptedFrom) &&
    (acceptedBefore === undefined || acceptedAt < acceptedBefore)
  )
}
