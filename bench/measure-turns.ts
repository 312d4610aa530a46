import type { JoinedDispatcher } from './joined-dispatcher.ts'
import { median } from './median.ts'

/** What one read and one settlement of as many deliveries took, in the median. */
export interface Turns {
  readInMs: number
  settleInMs: number
}

const settledAtOnce = 500

/** Reads and settles as a dispatcher does, with attempts that take no time; one turn after the other, so that each is alone. */
export async function measureTurns(
  dispatcher: JoinedDispatcher,
  { count, limit }: { count: number; limit: number },
): Promise<Turns> {
  const readDurations: number[] = []
  const settleDurations: number[] = []
  for (let turn = 0; turn < count; turn++) {
    const startedAt = performance.now()
    const deliveries = await dispatcher.readBacklog(limit)
    const readAt = performance.now()
    if (deliveries.length < limit) throw new Error(`only ${deliveries.length} were pending`)
    await dispatcher.settle(deliveries, { status: 204 })
    readDurations.push(readAt - startedAt)
    settleDurations.push(performance.now() - readAt)
  }
  return { readInMs: median(readDurations), settleInMs: median(settleDurations) }
}

/** Takes so many deliveries through the ledger, as many in a settlement as a dispatcher writes at the most. */
export async function settleMany(dispatcher: JoinedDispatcher, count: number): Promise<void> {
  for (let left = count; left > 0; left -= settledAtOnce) {
    const limit = Math.min(left, settledAtOnce)
    const deliveries = await dispatcher.readBacklog(limit)
    if (deliveries.length < limit) throw new Error(`only ${deliveries.length} were pending`)
    await dispatcher.settle(deliveries, { status: 204 })
  }
}
