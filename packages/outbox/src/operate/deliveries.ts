import { checkOptions, OptionError } from '@taskhook/core'
import type { DeliveryRecord } from '../delivery.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { EndpointControl, Ledger } from '../ledger.ts'
import { followDeliveries } from './follow-deliveries.ts'
import type { CountOptions, DeliverySummary, OutboxDeliveries, WatchOptions } from './operators.ts'
import { resendAll } from './resend-all.ts'
import { summarizeAttempt, summarizeDelivery } from './summaries.ts'
import { toDeliveryFilter } from './to-delivery-filter.ts'
import { watchLedger } from './watch-ledger.ts'

/** What {@link createDeliveries} needs. */
export interface DeliveriesOptions {
  ledger: Pick<Ledger, 'operate' | 'dispatch'>
  dispatcher: Pick<Dispatcher, 'hold' | 'refresh' | 'wake' | 'isInFlight'>
}

const defaultLimit = 100
const maxLimit = 1000
const defaultCountLimit = 10_000
const maxCountLimit = 10_000_000
const mostLookedAt = 1_000_000
const longestPauseInMs = 60_000

/** The operators' view of a ledger's deliveries. */
export function createDeliveries({ ledger, dispatcher }: DeliveriesOptions): OutboxDeliveries {
  const { operate } = ledger

  async function summarize(records: readonly DeliveryRecord[]): Promise<DeliverySummary[]> {
    const hasPending = records.some(({ state }) => state === 'pending')
    const controls = hasPending ? await readControls() : new Map<string, EndpointControl>()
    return records.map((record) =>
      summarizeDelivery(record, {
        control: controls.get(record.endpointId),
        isInFlight: dispatcher.isInFlight(record.id),
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

  return {
    async list({ limit = defaultLimit, cursor, oldestFirst, lookAtMost, ...search } = {}) {
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxLimit) {
        throw new OptionError('limit', `must be a whole number from 1 to ${maxLimit}`)
      }
      checkLookAtMost(lookAtMost, oldestFirst)
      const request = { limit, cursor, oldestFirst, lookAtMost }
      const page = await operate.listDeliveries(toDeliveryFilter(search), request)
      return { ...page, deliveries: await summarize(page.deliveries) }
    },

    async count(search = {}, options = {}) {
      checkOptions<CountOptions>(options, { limit: true })
      const { limit: countLimit = defaultCountLimit } = options
      if (!Number.isSafeInteger(countLimit) || countLimit < 1 || countLimit > maxCountLimit) {
        throw new OptionError('limit', `must be a whole number from 1 to ${maxCountLimit}`)
      }
      // One more than the limit tells whether it is reached.
      const count = await operate.countDeliveries(toDeliveryFilter(search), countLimit + 1)
      return { count: Math.min(count, countLimit), isExact: count <= countLimit }
    },

    watch(options = {}) {
      checkWatch(options)
      return watchLedger(ledger, options)
    },

    follow(search = {}, options = {}) {
      const { onReady, ...watchOptions } = options
      checkWatch(watchOptions)
      const filter = toDeliveryFilter(search)
      if ('state' in search) throw new OptionError('state', 'is what changes, and no filter here')
      return followDeliveries({
        ...watchOptions,
        onReady,
        ledger,
        filter,
        summarize,
      })
    },

    async get(id) {
      const found = await operate.getDelivery(checkId(id))
      if (found === undefined) return undefined
      const [summary] = await summarize([found.delivery])
      const { payload } = found.delivery
      return { ...summary!, payload, attempts: found.attempts.map(summarizeAttempt) }
    },

    resend,

    async resendAll(search, options) {
      const filter = toDeliveryFilter(search)
      return resendAll({ ...filter, state: filter.state ?? 'exhausted' }, options, { operate, resend })
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

function checkWatch(options: WatchOptions): void {
  checkOptions<WatchOptions>(options, { signal: true, atMostEveryInMs: true })
  const { atMostEveryInMs = 0 } = options
  if (Number.isFinite(atMostEveryInMs) && atMostEveryInMs >= 0 && atMostEveryInMs <= longestPauseInMs) return
  throw new OptionError('atMostEveryInMs', `must be milliseconds from 0 to ${longestPauseInMs}`)
}

function checkLookAtMost(lookAtMost: number | undefined, oldestFirst = false): void {
  if (lookAtMost === undefined) return
  if (oldestFirst) throw new OptionError('lookAtMost', 'is for a list with the latest first')
  if (!Number.isSafeInteger(lookAtMost) || lookAtMost < 1 || lookAtMost > mostLookedAt) {
    throw new OptionError('lookAtMost', `must be a whole number from 1 to ${mostLookedAt}`)
  }
}
