import { setTimeout as wait } from 'node:timers/promises'
import { OptionError } from '@taskhook/core'
import type { DeliveryFilter as LedgerFilter, DeliveryState, Ledger } from '@taskhook/outbox'
import { toAttemptSummary, toDeliverySummary } from './delivery-views.ts'
import type { DeliveryFilter, SenderDeliveries } from './sender.ts'

/** What {@link createSenderDeliveries} needs. */
export interface SenderDeliveriesOptions {
  ledger: Ledger
  /** Milliseconds since 1970. */
  now: () => number
  /** Tells the dispatcher that something may have fallen due. */
  wake: () => void
}

const states: readonly DeliveryState[] = ['pending', 'delivered', 'exhausted', 'canceled']
const defaultLimit = 100
const maxLimit = 1000

/** The operators' view of a ledger's deliveries. */
export function createSenderDeliveries({ ledger, now, wake }: SenderDeliveriesOptions): SenderDeliveries {
  async function resend(id: string): Promise<boolean> {
    const isKnown = await ledger.resend(id, now())
    wake()
    return isKnown
  }

  async function listIds(filter: LedgerFilter): Promise<string[]> {
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await ledger.listDeliveries(filter, { limit: maxLimit, cursor })
      for (const { id } of page.deliveries) ids.push(id)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return ids
  }

  return {
    async list({ limit = defaultLimit, cursor, ...filter } = {}) {
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxLimit) {
        throw new OptionError('limit', `must be a whole number from 1 to ${maxLimit}`)
      }
      const page = await ledger.listDeliveries(toLedgerFilter(filter), { limit, cursor })
      return { ...page, deliveries: page.deliveries.map(toDeliverySummary) }
    },

    async get(id) {
      const found = await ledger.getDelivery(id)
      return found && { ...toDeliverySummary(found.delivery), attempts: found.attempts.map(toAttemptSummary) }
    },

    resend,

    async resendAll(filter, { perSecond }) {
      if (!Number.isFinite(perSecond) || perSecond <= 0)
        throw new OptionError('perSecond', 'must be a positive number')
      const ledgerFilter = toLedgerFilter({ ...filter, state: filter.state ?? 'exhausted' })
      const ids = await listIds(ledgerFilter)
      const startedAt = performance.now()
      let resent = 0
      // In the order accepted, which is that of each task; pages have the latest first.
      for (const id of ids.toReversed()) {
        const aheadInMs = startedAt + (resent / perSecond) * 1000 - performance.now()
        if (aheadInMs > 0) await wait(aheadInMs)
        if (await resend(id)) resent += 1
      }
      return { resent }
    },

    async cancel(id) {
      const wasPending = await ledger.cancel(id, now())
      wake()
      return wasPending
    },
  }
}

function toLedgerFilter({
  state,
  taskId,
  endpointId,
  eventType,
  acceptedFrom,
  acceptedBefore,
  ...unknown
}: DeliveryFilter): LedgerFilter {
  // A misspelled one would match everything, and resendAll send it.
  for (const key of Object.keys(unknown)) throw new OptionError(key, 'is not a filter of deliveries')
  if (state !== undefined && !states.includes(state)) {
    throw new OptionError('state', `must be one of ${states.join(', ')}`)
  }
  return {
    state,
    endpointId,
    orderingKey: taskId,
    type: eventType,
    acceptedFrom: toTime('acceptedFrom', acceptedFrom),
    acceptedBefore: toTime('acceptedBefore', acceptedBefore),
  }
}

function toTime(option: string, date: Date | undefined): number | undefined {
  if (date === undefined) return undefined
  if (!(date instanceof Date) || Number.isNaN(date.getTime()))
    throw new OptionError(option, 'must be a valid Date')
  return date.getTime()
}
