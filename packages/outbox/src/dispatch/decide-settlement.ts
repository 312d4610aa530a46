import type { AttemptReport } from '../delivery.ts'
import type { OwnedPartition, ReadDelivery, Settlement } from '../ledger.ts'
import { nextWaitInMs } from './retry-schedule.ts'

/** What a settlement is decided from. */
export interface SettlementInput {
  delivery: ReadDelivery
  epoch: OwnedPartition['epoch']
  report: AttemptReport
  retryScheduleInMs: readonly number[]
  /** What becomes of it after the last attempt of the schedule. */
  whenExhausted: 'continue' | 'hold'
  /** How long ago the attempt began, in milliseconds. */
  startedAgoInMs: number
  /** From 0 to 1. */
  random: number
}

/**
 * What becomes of a delivery after an attempt. One whose endpoint is gone stays pending, and waits until an operator resumes the
 * endpoint, however many attempts were made.
 */
export function decideSettlement({
  delivery: { number, endpointId, partition, tries },
  epoch,
  report: { retryAfterInMs, ...report },
  retryScheduleInMs,
  whenExhausted,
  startedAgoInMs,
  random,
}: SettlementInput): Settlement {
  const attempt = { ...report, startedAgoInMs }
  const settlement = { number, tries, endpointId, partition, epoch, attempt }
  if (report.outcome === 'delivered') return { ...settlement, state: 'delivered' }
  if (report.outcome === 'gone') return { ...settlement, state: 'pending', retryInMs: 0 }

  const retryInMs = nextWaitInMs({ retryScheduleInMs, tries: tries + 1, retryAfterInMs, random })
  if (retryInMs === undefined)
    return { ...settlement, state: whenExhausted === 'hold' ? 'held' : 'exhausted' }
  return { ...settlement, state: 'pending', retryInMs }
}
