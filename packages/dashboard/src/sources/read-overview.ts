import type { EndpointStatus } from '@taskhook/outbox'
import { startOfSteps, toSteps, type OutcomeStep } from './outcome-steps.ts'
import type { Source } from './source.ts'

/** How an outbox is doing. */
export interface SourceOverview {
  source: Source
  endpoints: EndpointStatus[]
  /** Deliveries that were exhausted within a day and are so still. */
  exhausted: { count: number; isMore: boolean; since: Date }
  /** How attempts ended in the last day. */
  outcomes: OutcomeStep[]
}

const dayInMs = 86_400_000
/** Where counting what waits ends: a page must not take longer the worse things are. */
export const mostCounted = 10_000
// Of those that were accepted last: one page, an index look-up, whatever there is.
const lookedAt = 500

/** Reads how an outbox is doing. */
export async function readOverview(source: Source, now: number): Promise<SourceOverview> {
  // To the minute, so that a page does not change with each second.
  const since = new Date(Math.floor((now - dayInMs) / 60_000) * 60_000)
  const [endpoints, page, outcomes] = await Promise.all([
    source.endpoints.list({ countLimit: mostCounted }),
    source.deliveries.list({ state: 'exhausted', limit: lookedAt }),
    source.endpoints.outcomes({ since: new Date(startOfSteps(now)) }),
  ])
  const count = page.deliveries.filter(
    ({ settledAt }) => settledAt !== undefined && settledAt >= since,
  ).length
  return {
    source,
    endpoints,
    outcomes: toSteps(outcomes, now),
    exhausted: { count, isMore: page.nextCursor !== undefined, since },
  }
}
