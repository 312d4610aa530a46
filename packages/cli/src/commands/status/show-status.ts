import type { EndpointStatus, Outbox } from '@taskhook/outbox'
import type { CliContext } from '../../cli-context.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { withOutbox } from '../../outbox/with-outbox.ts'
import { printable } from '../../output/printable.ts'
import type { Style } from '../../output/style.ts'
import { toTable } from '../../output/table.ts'
import { describeOutcome } from '../../render/describe-attempt.ts'
import { formatDuration } from '../../render/format-duration.ts'
import { formatDistance } from '../../render/format-moment.ts'
import { describeNeed, findNeeds, type Need } from './find-needs.ts'

/** The flags of `status`. */
export interface StatusFlags extends OutboxFlags, JsonFlag {
  maxAge?: number | undefined
  since?: Date | undefined
}

/** An endpoint as `status` shows it. */
interface ShownEndpoint extends Omit<EndpointStatus, 'isConfigured'> {
  /** How the latest attempt of what fails there ended. */
  lastError?: { status?: number; errorCode?: string }
  needs: Need[]
}

// Whatever is pending, the answer comes in the time of some look-ups in an index.
const countLimit = 10_000
const head = [
  'ENDPOINT',
  'STATE',
  'PENDING',
  'OLDEST',
  'HELD',
  'EXHAUSTED',
  'DELIVERED',
  'FAILED',
  'LAST ERROR',
]

/** Prints how each endpoint is doing, and what an operator must act on. */
export async function showStatus(context: CliContext, flags: StatusFlags): Promise<void> {
  const { output } = context
  const now = context.now()
  const endpoints = await withOutbox(context, flags, async (outbox) => {
    const found = await outbox.endpoints.list({ countLimit })
    return Promise.all(found.map((endpoint) => lookCloser(outbox, endpoint, { ...flags, now })))
  })

  if (flags.json) for (const endpoint of endpoints) output.printJson(endpoint)
  else if (endpoints.length === 0) output.note('There are no endpoints in this outbox.')
  else {
    const rows = endpoints.map((endpoint) => toRow(endpoint, { style: output.style, now }))
    for (const line of toTable([head.map(output.style.faint), ...rows])) output.print(line)
  }
  const needs = endpoints.flatMap(({ id, needs: all }) =>
    all.map((need) => `${printable(id)}: ${describeNeed(need, id)}`),
  )
  for (const need of needs) output.note(need)
  if (needs.length > 0) context.exitWith(exitCodes.failed)
}

async function lookCloser(
  { deliveries }: Outbox,
  found: EndpointStatus,
  { now, maxAge, since }: StatusFlags & { now: number },
): Promise<ShownEndpoint> {
  // Nothing is configured here: it would say no of every endpoint.
  const { isConfigured, ...endpoint } = found
  const search = { endpointId: endpoint.id, state: 'exhausted' } as const
  const exhausted =
    since === undefined || endpoint.exhausted === 0
      ? endpoint.exhausted
      : (await deliveries.count({ ...search, acceptedFrom: since }, { limit: countLimit })).count
  const lastError = await findLastError(deliveries, endpoint)
  const shown = { ...endpoint, exhausted, ...(lastError && { lastError }) }
  return { ...shown, needs: findNeeds({ ...shown, isConfigured }, { now, maxAgeInMs: maxAge }) }
}

/**
 * The error of the oldest pending delivery, which blocks the others, or else of the latest delivery that was given up.
 */
async function findLastError(
  deliveries: Outbox['deliveries'],
  { id, pending, exhausted }: Pick<EndpointStatus, 'id' | 'pending' | 'exhausted'>,
): Promise<ShownEndpoint['lastError']> {
  const [oldest] =
    pending === 0
      ? []
      : (await deliveries.list({ endpointId: id, state: 'pending', limit: 1, oldestFirst: true })).deliveries
  if (oldest?.lastAttempt !== undefined) return oldest.lastAttempt
  if (exhausted === 0) return undefined
  return (await deliveries.list({ endpointId: id, state: 'exhausted', limit: 1 })).deliveries[0]?.lastAttempt
}

function toRow(endpoint: ShownEndpoint, { style, now }: { style: Style; now: number }): string[] {
  const { id, pending, oldestPendingAgeInMs, held, exhausted, lastSuccessAt, lastFailureAt, lastError } =
    endpoint
  const state = nameState(endpoint)
  return [
    printable(id),
    state === 'delivering' || state === 'idle' ? style.good(state) : style.bad(state),
    formatCount(pending),
    oldestPendingAgeInMs === undefined ? '' : formatDuration(oldestPendingAgeInMs),
    held === 0 ? '0' : style.bad(formatCount(held)),
    exhausted === 0 ? '0' : style.bad(formatCount(exhausted)),
    lastSuccessAt === undefined ? 'never' : formatDistance(lastSuccessAt, now),
    lastFailureAt === undefined ? 'never' : formatDistance(lastFailureAt, now),
    describeOutcome(lastError),
  ]
}

function nameState({ paused, circuit, isDispatched, pending }: ShownEndpoint): string {
  if (paused !== undefined) return paused.reason === 'gone' ? 'gone' : 'paused'
  if (circuit.state === 'open') return 'circuit open'
  if (pending > 0) return isDispatched ? 'delivering' : 'not started'
  return 'idle'
}

function formatCount(count: number): string {
  return count >= countLimit ? `${countLimit}+` : String(count)
}
