import { createOutbox, type EndpointStatus, type Ledger } from '@taskhook/outbox'
import { formatDuration } from '../../render/format-duration.ts'
import { describeNeed, findNeeds } from '../status/find-needs.ts'
import type { Diagnosis } from './diagnosis.ts'

const countLimit = 10_000
// Signatures carry the time of the machine, and receivers take five minutes at the most.
const wrongClockInMs = 60_000
const doubtfulClockInMs = 5000

/** Examines what is in an outbox. */
export async function examineOutbox(
  ledger: Ledger,
  { now, place, maxAge }: { now: () => number; place: string; maxAge: number | undefined },
): Promise<{ diagnoses: Diagnosis[]; endpoints: EndpointStatus[] }> {
  const endpoints = await createOutbox({ ledger }).endpoints.list({ countLimit })
  const processes = await ledger.dispatch.listDispatchers()
  const time = await ledger.operate.readTime()
  const diagnoses: Diagnosis[] = [
    { examination: 'schema', level: 'ok', message: `${place} has the tables of this version` },
    compareClocks(time - now()),
    processes.length === 0
      ? { examination: 'processes', level: 'warning', message: 'no process delivers from this outbox' }
      : {
          examination: 'processes',
          level: 'ok',
          message: `${processes.length} started, for ${listIds(processes.flatMap(({ endpointIds }) => endpointIds))}`,
        },
    ...endpoints.flatMap((endpoint) => examineBacklog(endpoint, { now: time, maxAge })),
  ]
  return { diagnoses, endpoints }
}

function compareClocks(aheadInMs: number): Diagnosis {
  const distanceInMs = Math.abs(aheadInMs)
  if (distanceInMs < doubtfulClockInMs) {
    return { examination: 'clock', level: 'ok', message: 'this machine and the outbox agree on the time' }
  }
  return {
    examination: 'clock',
    level: distanceInMs < wrongClockInMs ? 'warning' : 'error',
    message: `this machine is ${formatDuration(distanceInMs)} ${aheadInMs > 0 ? 'behind' : 'ahead of'} the outbox: receivers refuse signatures of a wrong time`,
  }
}

function examineBacklog(
  endpoint: EndpointStatus,
  { now, maxAge }: { now: number; maxAge: number | undefined },
): Diagnosis[] {
  const { id, pending, oldestPendingAgeInMs } = endpoint
  const needs = findNeeds(endpoint, { now, maxAgeInMs: maxAge })
  if (needs.length > 0) {
    return needs.map((need) => ({
      examination: 'backlog',
      level: 'error',
      message: `${id}: ${describeNeed(need, id)}`,
    }))
  }
  const age =
    oldestPendingAgeInMs === undefined ? '' : `, the oldest for ${formatDuration(oldestPendingAgeInMs)}`
  return [{ examination: 'backlog', level: 'ok', message: `${id}: ${pending} pending${age}` }]
}

function listIds(ids: readonly string[]): string {
  return [...new Set(ids)].toSorted().join(', ') || 'no endpoint'
}
