import type { DeliveryFilter, DeliverySummary } from '@taskhook/outbox/tasks'
import type { Source } from '../sources/source.ts'

/** How many deliveries match, as far as they were counted. */
export interface Matching {
  count: number
  /** Whether there are more. */
  isMore: boolean
  /** Some of them, the latest ones. */
  latest: DeliverySummary[]
}

const pageSize = 1000
const mostPages = 10

/** Counts what matches, up to ten thousand. */
export async function countMatching({ deliveries }: Source, filter: DeliveryFilter): Promise<Matching> {
  const matching: Matching = { count: 0, isMore: true, latest: [] }
  let cursor: string | undefined
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await deliveries.list({ ...filter, limit: pageSize, cursor })
    if (pages === 0) matching.latest = page.deliveries.slice(0, 100)
    matching.count += page.deliveries.length
    cursor = page.nextCursor
    if (cursor === undefined) return { ...matching, isMore: false }
  }
  return matching
}
