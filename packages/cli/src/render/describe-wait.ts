import type { DeliverySummary } from '@taskhook/outbox/tasks'
import { formatDistance, formatMoment } from './format-moment.ts'
import { shellWord } from '../output/shell-word.ts'

/** What a pending or held delivery waits for, until when, and what would let it go on. */
export function describeWait(
  { state, waitsFor, nextAttemptAt, endpointId, id }: DeliverySummary,
  now: number,
): string | undefined {
  const endpoint = shellWord(endpointId)
  if (state === 'held') {
    const name = shellWord(id)
    return `every attempt failed, and its task waits: taskhook deliveries resend ${name}, or cancel ${name}`
  }
  switch (waitsFor) {
    case undefined:
      return undefined
    case 'turn':
      return 'waits for its turn: an earlier event of the task is not done at this endpoint'
    case 'held':
      return 'waits for an operator: an earlier event of the task is held until it is resent or canceled'
    case 'retry':
      return nextAttemptAt === undefined
        ? 'waits for its retry'
        : `waits for its retry ${formatDistance(nextAttemptAt, now)}, at ${formatMoment(nextAttemptAt)}`
    case 'paused':
      return `waits, since its endpoint is paused or gone: taskhook endpoints resume ${endpoint}`
    case 'circuit':
      return 'waits for its endpoint, where nothing succeeds at present; probes are made'
    case 'dispatcher':
      return 'waits for a started process that has its endpoint configured: there is none'
    case 'in-flight':
      return 'its attempt is under way, or begins when a slot is free'
    default:
      return `waits for: ${String(waitsFor)}`
  }
}
