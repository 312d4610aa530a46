import { answerParent } from './child.ts'
import { countAttempts } from './count-attempts.ts'
import { openSender, type SenderPlace } from './open-sender.ts'

/** How many deliveries of which outbox to make. */
export interface Drain extends SenderPlace {
  /** Deliveries of tasks that are beside the measured ones do not count. */
  count: number
}

/** What came of a {@link Drain}. */
export interface DrainResult {
  /** From `start` until all are written down as delivered. */
  deliveriesPerSecond: number
  /** The same without the time until the first one. */
  steadyDeliveriesPerSecond: number
  /** From `start` until the first one is written down as delivered. */
  firstInMs: number
  /** Those, and the attempts of tasks beside them meanwhile. */
  attemptsPerSecond: number
  /** How many attempts of tasks beside them were made meanwhile; and until the sender had stopped. */
  besideCount: number
  besideCountAtEnd: number
}

async function drainOutbox({ count, ...place }: Drain): Promise<DrainResult> {
  const sender = await openSender(place)
  using counter = countAttempts(count)
  const startedAt = performance.now()
  await sender.start()
  await counter.delivered
  const lastAt = performance.now()
  const { firstAt, besideCount } = counter
  await sender.stop()
  const durationInSeconds = (lastAt - startedAt) / 1000
  return {
    deliveriesPerSecond: count / durationInSeconds,
    steadyDeliveriesPerSecond: ((count - 1) * 1000) / (lastAt - firstAt),
    firstInMs: firstAt - startedAt,
    attemptsPerSecond: (count + besideCount) / durationInSeconds,
    besideCount,
    besideCountAtEnd: counter.besideCount,
  }
}

answerParent((question) => drainOutbox(question as Drain))
