import { answerParent } from './child.ts'
import { senderOf, type SenderPlace } from './sender-of.ts'
import { untilDelivered } from './until-delivered.ts'

/** How many deliveries of which outbox to make. */
export interface Drain extends SenderPlace {
  count: number
}

/** What came of a {@link Drain}. */
export interface DrainResult {
  deliveriesPerSecond: number
  /** What this process had in memory before the first drain. */
  firstMemoryInMegabytes: number
  /** The most that it has had at any time. */
  peakMemoryInMegabytes: number
}

const firstMemoryInMegabytes = process.memoryUsage.rss() / 1e6

async function drainOutbox({ count, ...place }: Drain): Promise<DrainResult> {
  await using sender = await senderOf(place)
  const delivered = untilDelivered(count)
  const startedAt = performance.now()
  await sender.start()
  await delivered
  const deliveriesPerSecond = (count * 1000) / (performance.now() - startedAt)
  const peakMemoryInMegabytes = (process.resourceUsage().maxRSS * 1024) / 1e6
  return { deliveriesPerSecond, firstMemoryInMegabytes, peakMemoryInMegabytes }
}

answerParent((question) => drainOutbox(question as Drain))
