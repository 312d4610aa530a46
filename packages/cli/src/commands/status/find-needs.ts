import type { EndpointStatus } from '@taskhook/outbox'
import { shellWord } from '../../output/shell-word.ts'

/**
 * What an operator must act on at an endpoint:
 * - `gone`: the receiver wants nothing more, and deliveries wait until it is resumed;
 * - `paused`: an operator paused it, and deliveries wait;
 * - `held`: tasks wait behind deliveries that were given up, until these are resent or canceled;
 * - `exhausted`: deliveries were given up, and are to be resent;
 * - `circuit`: nothing has succeeded for five minutes;
 * - `dispatcher`: deliveries wait, and no started process has the endpoint;
 * - `age`: the oldest pending delivery is older than was allowed.
 */
export type Need = 'gone' | 'paused' | 'held' | 'exhausted' | 'circuit' | 'dispatcher' | 'age'

const longCircuitInMs = 5 * 60_000

/** What needs an operator at an endpoint. */
export function findNeeds(
  endpoint: EndpointStatus,
  { now, maxAgeInMs = Number.POSITIVE_INFINITY }: { now: number; maxAgeInMs?: number | undefined },
): Need[] {
  const { paused, pending, held, exhausted, circuit, isDispatched, oldestPendingAgeInMs = 0 } = endpoint
  const needs: Need[] = []
  if (paused?.reason === 'gone') needs.push('gone')
  if (paused?.reason === 'operator' && pending > 0) needs.push('paused')
  if (held > 0) needs.push('held')
  if (exhausted > 0) needs.push('exhausted')
  if (circuit.state === 'open' && now - circuit.since.getTime() > longCircuitInMs) needs.push('circuit')
  if (pending > 0 && !isDispatched) needs.push('dispatcher')
  if (oldestPendingAgeInMs > maxAgeInMs) needs.push('age')
  return needs
}

/** What to do about it. */
export function describeNeed(need: Need, endpointId: string): string {
  const endpoint = shellWord(endpointId)
  switch (need) {
    case 'gone':
      return `its receiver answered that it wants nothing more. Once it does: taskhook endpoints resume ${endpoint}`
    case 'paused':
      return `it is paused, and deliveries wait: taskhook endpoints resume ${endpoint}`
    case 'held':
      return `tasks wait behind what is held: taskhook deliveries list --state held --endpoint ${endpoint}`
    case 'exhausted':
      return `deliveries were given up: taskhook deliveries resend --endpoint ${endpoint}`
    case 'circuit':
      return 'nothing has succeeded for five minutes: see whether the receiver is up'
    case 'dispatcher':
      return 'deliveries wait, and no started process has it configured'
    case 'age':
      return 'the oldest pending delivery is older than allowed'
  }
}
