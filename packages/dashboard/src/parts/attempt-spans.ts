import type { DeliveryDetails } from '@taskhook/outbox/tasks'
import type { AxisSpan } from './attempt-axis.ts'

/** A delivery's attempts in time, and the waits between them and for the next one. */
export function toSpans({ attempts, state, nextAttemptAt }: DeliveryDetails): AxisSpan[] {
  const spans: AxisSpan[] = []
  for (const [index, { startedAt, durationInMs, outcome }] of attempts.entries()) {
    const from = startedAt.getTime()
    const to = from + durationInMs
    const next = attempts[index + 1]?.startedAt ?? (state === 'pending' ? nextAttemptAt : undefined)
    if (next !== undefined && next.getTime() > to) spans.push({ kind: 'waits', from: to, to: next.getTime() })
    spans.push({ kind: outcome === 'delivered' ? 'delivered' : 'failed', from, to })
  }
  return spans
}
