import type { DeliveryFilter, DeliverySummary } from '@taskhook/outbox/tasks'
import type { Source } from '../sources/source.ts'

/** How many deliveries match, as far as they were counted. */
export interface Matching {
  count: number
  /** Whether there may be more. */
  isMore: boolean
  /** Some of them, the latest ones. */
  latest: DeliverySummary[]
}

// As far as it can be counted: how many are changed must be known before it is confirmed.
const mostCounted = 10_000_000
const mostShown = 100

/** Counts what matches, and has the latest of them. */
export async function countMatching({ deliveries }: Source, filter: DeliveryFilter): Promise<Matching> {
  const [{ count, isExact }, page] = await Promise.all([
    deliveries.count(filter, { limit: mostCounted }),
    deliveries.list({ ...filter, limit: mostShown }),
  ])
  return { count, isMore: !isExact, latest: page.deliveries }
}
