import { setTimeout as wait } from 'node:timers/promises'
import { OptionError } from '@taskhook/core'
import type { DeliveryRecord, DeliveryState } from '../delivery.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { DeliveryFilter, EndpointControl, Ledger } from '../ledger.ts'
import type { DeliverySearch, DeliverySummary, OutboxDeliveries } from './operators.ts'
import { summarizeAttempt, summarizeDelivery } from './summaries.ts'

/** What {@link createDeliveries} needs. */
export interface DeliveriesOptions {
  ledger: Pick<Ledger, 'operate' | 'dispatch'>
  dispatcher: Pick<Dispatcher, 'hold' | 'refresh' | 'wake' | 'isInFlight'>
}

const states: readonly DeliveryState[] = ['pending', 'delivered', 'exhausted', 'canceled']
const defaultLimit = 100
const maxLimit = 1000

/** The operators' view of a ledger's deliveries. */
export function createDeliveries({ ledger, dispatcher }: DeliveriesOptions): OutboxDeliveries {
  const { operate } = ledger

  async function summarize(records: readonly DeliveryRecord[]): Promise<DeliverySummary[]> {
    const hasPending = records.some(({ state }) => state === 'pending')
    const controls = hasPending ? await readControls() : new Map<string, EndpointControl>()
    const now = Date.now()
    return records.map((record) =>
      summarizeDelivery(record, {
        control: controls.get(record.endpointId),
        isInFlight: dispatcher.isInFlight(record.id),
        now,
      }),
    )
  }

  async function readControls(): Promise<Map<string, EndpointControl>> {
    const controls = await ledger.dispatch.readEndpoints(0)
    return new Map(controls.map((control) => [control.id, control]))
  }

  async function resend(id: string): Promise<boolean> {
    const isKnown = await operate.resend(checkId(id))
    if (isKnown) {
      dispatcher.wake()
      await dispatcher.refresh()
    }
    return isKnown
  }

  async function listIds(filter: DeliveryFilter): Promise<string[]> {
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await operate.listDeliveries(filter, { limit: maxLimit, cursor })
      for (const { id } of page.deliveries) ids.push(id)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return ids
  }

  return {
    async list({ limit = defaultLimit, cursor, ...search } = {}) {
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxLimit) {
        throw new OptionError('limit', `must be a whole number from 1 to ${maxLimit}`)
      }
      const page = await operate.listDeliveries(toFilter(search), { limit, cursor })
      return { ...page, deliveries: await summarize(page.deliveries) }
    },

    async get(id) {
      const found = await operate.getDelivery(checkId(id))
      if (found === undefined) return undefined
      const [summary] = await summarize([found.delivery])
      const { payload } = found.delivery
      return { ...summary!, payload, attempts: found.attempts.map(summarizeAttempt) }
    },

    resend,

    async resendAll(search, { perSecond }) {
      if (!Number.isFinite(perSecond) || perSecond <= 0) {
        throw new OptionError('perSecond', 'must be a positive number')
      }
      const ids = await listIds(toFilter({ ...search, state: search.state ?? 'exhausted' }))
      const startedAt = performance.now()
      let resent = 0
      // In the order accepted, which is that of each ordering key; pages have the latest first.
      for (const id of ids.toReversed()) {
        const aheadInMs = startedAt + (resent / perSecond) * 1000 - performance.now()
        if (aheadInMs > 0) await wait(aheadInMs)
        if (await resend(id)) resent += 1
      }
      return { resent }
    },

    async cancel(id) {
      // Not attempted between the change and the moment that this process goes by it.
      const release = dispatcher.hold(checkId(id))
      try {
        const wasPending = await operate.cancel(id)
        if (wasPending) await dispatcher.refresh()
        return wasPending
      } finally {
        release()
      }
    },
  }
}

function checkId(id: string): string {
  if (typeof id === 'string') return id
  throw new OptionError('id', 'must be the id of a delivery')
}

function toFilter({
  state,
  orderingKey,
  endpointId,
  type,
  acceptedFrom,
  acceptedBefore,
  ...unknown
}: DeliverySearch): DeliveryFilter {
  // A misspelled one would match everything, and resendAll send it.
  for (const key of Object.keys(unknown)) {
    throw new OptionError(key, 'is not a filter of deliveries')
  }
  if (state !== undefined && !states.includes(state)) {
    throw new OptionError('state', `must be one of ${states.join(', ')}`)
  }
  return {
    state,
    endpointId,
    orderingKey,
    type,
    acceptedFrom: toTime('acceptedFrom', acceptedFrom),
    acceptedBefore: toTime('acceptedBefore', acceptedBefore),
  }
}

function toTime(option: string, date: Date | undefined): number | undefined {
  if (date === undefined) return undefined
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) {
    throw new OptionError(option, 'must be a valid Date')
  }
  return date.getTime()
}
