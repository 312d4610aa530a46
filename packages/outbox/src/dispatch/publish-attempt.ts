import type { OutboxChannels } from '../channels.ts'
import type { AttemptReport } from '../delivery.ts'
import type { ReadDelivery, SettleAnswer } from '../ledger.ts'

/** An attempt that was written down. */
interface SettledReport {
  report: AttemptReport
  state: SettleAnswer
  retryInMs: number | undefined
}

/** Tells of an attempt, and of its delivery where that has ended with it. */
export function publishAttempt(
  channels: OutboxChannels,
  { id, endpointId, orderingKey, type, context, tries }: ReadDelivery,
  { report, state, retryInMs }: SettledReport,
): void {
  const isEnded = state === 'delivered' || state === 'exhausted' || state === 'held'
  if (!channels.hasSubscribers('attempted') && !(isEnded && channels.hasSubscribers(state))) return
  const message = { id, endpointId, orderingKey, type, ...(context !== undefined && { context }) }
  channels.publish('attempted', {
    ...message,
    try: tries + 1,
    report,
    ...(state === 'pending' && retryInMs !== undefined && { retryInMs }),
  })
  if (isEnded) channels.publish(state, message)
}
