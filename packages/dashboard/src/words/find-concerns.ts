import { linkToDeliveries } from '../parts/links.ts'
import type { SourceOverview } from '../sources/read-overview.ts'
import { describeCount } from './describe-count.ts'
import { describeDuration } from './describe-duration.ts'

/** Something that someone must act on. */
export interface Concern {
  what: string
  remedy: string
  link: string
}

// Well over what the first retries of a schedule take.
const tooOldInMs = 15 * 60_000

/** What someone must act on; nothing when all is well. The gravest is first. */
export function findConcerns(
  { source: { name }, endpoints, exhausted }: SourceOverview,
  now: number,
): Concern[] {
  const concerns: Concern[] = []
  for (const { id, paused, circuit, pending, held, isDispatched, oldestPendingAgeInMs = 0 } of endpoints) {
    const link = linkToDeliveries(name, { endpointId: id, state: 'pending' })
    if (held > 0) {
      concerns.push({
        what: `${describeCount(held)} held at ${id} after the last attempt.`,
        remedy: 'What follows in their tasks waits. Mend the cause, then resend or cancel them.',
        link: linkToDeliveries(name, { endpointId: id, state: 'held' }),
      })
    }
    if (paused?.reason === 'gone') {
      concerns.push({
        what: `${id} is gone: it answered that it wants nothing more.`,
        remedy: `${describeCount(pending)} pending. Resume it when it takes webhooks again, or take it out of the configuration.`,
        link,
      })
    } else if (paused !== undefined) {
      concerns.push({
        what: `${id} has been paused by an operator for ${describeDuration(now - paused.since.getTime())}.`,
        remedy: `${describeCount(pending)} pending. Resume it when they may flow.`,
        link,
      })
    } else if (circuit.state === 'open') {
      concerns.push({
        what: `Nothing succeeds at ${id}: its circuit is open.`,
        remedy: `${describeCount(pending)} pending. Check the receiver; its answers are on the pages of the deliveries.`,
        link,
      })
    } else if (!isDispatched && pending > 0) {
      concerns.push({
        what: `No process delivers to ${id}.`,
        remedy: `${describeCount(pending)} pending. Start one that has it configured.`,
        link,
      })
    } else if (oldestPendingAgeInMs >= tooOldInMs) {
      concerns.push({
        what: `The oldest pending delivery of ${id} has waited for ${describeDuration(oldestPendingAgeInMs)}.`,
        remedy: 'Its page says what it waits for.',
        link,
      })
    }
  }
  if (exhausted.count > 0) {
    concerns.push({
      what: `${exhausted.count}${exhausted.isMore ? ' or more' : ''} of ${name} exhausted within a day.`,
      remedy: 'Every attempt of the schedule failed. Mend the cause, then resend them.',
      link: linkToDeliveries(name, { state: 'exhausted' }),
    })
  }
  return concerns
}
