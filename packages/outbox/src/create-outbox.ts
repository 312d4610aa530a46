import { checkGivenOptions, checkOptions, OptionError } from '@taskhook/core'
import { createOutboxChannels } from './channels.ts'
import { maxTimerInMs, systemClock, type Clock } from './clock.ts'
import type { NewDelivery } from './delivery.ts'
import { processCompany } from './dispatch/company.ts'
import { createDispatcher } from './dispatch/create-dispatcher.ts'
import { checkEndpoints, type EndpointSpec } from './dispatch/endpoint-spec.ts'
import type { Ledger } from './ledger.ts'
import { createDeliveries } from './operate/deliveries.ts'
import { createEndpoints } from './operate/endpoints.ts'
import { OutboxError } from './outbox-error.ts'
import type { Outbox, OutboxRecord } from './outbox.ts'
import { timeOrderedId } from './time-ordered-id.ts'

/** Options of {@link createOutbox}. */
export interface OutboxOptions<T> {
  /** Where deliveries are kept, see `openLedger`. It is not closed with the outbox. */
  ledger: Ledger<T>
  /** Where deliveries go. Without any, the outbox is for operators, and accepts for others to deliver. */
  endpoints?: readonly EndpointSpec<T>[]
  /**
   * How long a process may be silent before other processes take over its deliveries, in milliseconds, at least 30. In
   * this time it gives three signs of life. Default 15 000.
   */
  leaseInMs?: number
  /** How long a delivered delivery is kept, in milliseconds. Default 30 days. */
  retentionInMs?: number
  /** Default: the machine's monotonic clock. */
  clock?: Clock
  /** From 0 to 1, for the jitter of retries. Default `Math.random`. */
  random?: () => number
}

const defaultLeaseInMs = 15_000
const leastLeaseInMs = 30
const defaultRetentionInMs = 30 * 24 * 60 * 60 * 1000
const defaultStopTimeoutInMs = 10_000

/**
 * Makes an outbox: durable delivery of records to functions, in order within an ordering key, one at a time, across retries,
 * crashes and any number of processes on one ledger; different keys and different endpoints independently.
 *
 * @throws OptionError for an option that is not known, or cannot work; OutboxError `transaction_invalid` for an endpoint with
 * `transaction: true` on a ledger that has none for it.
 * @example
 * const ledger = await openLedger('sqlite:outbox.db')
 * const outbox = createOutbox({ ledger, endpoints: [{ id: 'mail', attempt, maxConcurrency: 10, retryScheduleInMs: [0, 5000] }] })
 * await outbox.start()
 * await outbox.enqueue([{ endpointId: 'mail', orderingKey: 'user-1', type: 'welcome', payload: '{}' }])
 * await outbox.idle()
 * await outbox.stop()
 * await ledger.close()
 */
export function createOutbox<T>(options: OutboxOptions<T>): Outbox<T> {
  checkGivenOptions<OutboxOptions<T>>(options, {
    ledger: true,
    endpoints: true,
    leaseInMs: true,
    retentionInMs: true,
    clock: true,
    random: true,
  })
  const {
    ledger,
    leaseInMs = defaultLeaseInMs,
    retentionInMs = defaultRetentionInMs,
    clock = systemClock,
    random = Math.random,
  } = options
  let { endpoints = [] } = options
  if (typeof ledger?.enqueue !== 'function') {
    throw new OptionError('ledger', 'must be a ledger that openLedger() returned')
  }
  checkWholeMs('leaseInMs', leaseInMs, leastLeaseInMs)
  checkWholeMs('retentionInMs', retentionInMs, 1)
  check(endpoints)

  const id = timeOrderedId()
  const channels = createOutboxChannels(id)
  const dispatcher = createDispatcher({
    id,
    ledger: ledger.dispatch,
    endpoints,
    leaseInMs,
    retentionInMs,
    clock,
    random,
    channels,
    company: processCompany,
  })
  let isStarted = false
  let keepAlive: NodeJS.Timeout | undefined
  let stopping: Promise<void> | undefined

  function check(given: readonly EndpointSpec<T>[]): void {
    checkEndpoints(given)
    if (given.some(({ transaction }) => transaction === true)) ledger.dispatch.checkBegin()
  }

  async function start(): Promise<void> {
    if (isStarted) throw new OutboxError('already_started', 'the outbox is already started')
    if (stopping !== undefined) {
      throw new OutboxError('already_started', 'the outbox was stopped: create a new one')
    }
    isStarted = true
    // A process that waits for events must not end while there are none, and nothing else keeps it alive.
    keepAlive = setInterval(() => {}, maxTimerInMs)
    try {
      await dispatcher.start()
    } catch (error) {
      clearInterval(keepAlive)
      isStarted = false
      throw error
    }
  }

  async function stop({ timeoutInMs = defaultStopTimeoutInMs }: { timeoutInMs?: number }): Promise<void> {
    await dispatcher.stop(timeoutInMs)
    clearInterval(keepAlive)
  }

  function toDelivery(recordGiven: OutboxRecord): NewDelivery {
    // A misspelt idempotencyKey would have the record accepted twice.
    checkGivenOptions<OutboxRecord>(recordGiven, recordNames)
    const { id: given, delayInMs, ...record } = recordGiven
    const endpoint = endpoints.find((one) => one.id === record.endpointId)
    return {
      ...record,
      id: given ?? timeOrderedId(),
      delayInMs: delayInMs ?? endpoint?.retryScheduleInMs[0] ?? 0,
    }
  }

  return {
    id,
    start,
    stop(stopOptions = {}) {
      checkOptions<{ timeoutInMs?: number }>(stopOptions, { timeoutInMs: true })
      const { timeoutInMs } = stopOptions
      if (timeoutInMs !== undefined) checkTimeout(timeoutInMs)
      return (stopping ??= stop(stopOptions))
    },
    [Symbol.asyncDispose]: () => (stopping ??= stop({})),

    async idle(idleOptions = {}) {
      checkOptions<{ timeoutInMs?: number }>(idleOptions, { timeoutInMs: true })
      const { timeoutInMs } = idleOptions
      if (timeoutInMs === undefined) return dispatcher.idle()
      checkTimeout(timeoutInMs)
      await waitAtMost(dispatcher.idle(), timeoutInMs)
    },

    async enqueue(records, enqueueOptions = {}) {
      // A misspelled one would have them accepted whatever becomes of the transaction.
      checkOptions<{ transaction?: T | undefined }>(enqueueOptions, { transaction: true })
      const { transaction } = enqueueOptions
      if (!Array.isArray(records)) throw new OptionError('records', 'must be an array')
      const deliveries = (records as readonly OutboxRecord[]).map(toDelivery)
      if (deliveries.length === 0) return []
      const isInTransaction = transaction !== undefined
      const acceptances = await ledger.enqueue(deliveries, { transaction })
      if (channels.hasSubscribers('enqueued')) {
        for (const [index, { isRepeat }] of acceptances.entries()) {
          if (!isRepeat) channels.publish('enqueued', { ...toMessage(deliveries[index]!), isInTransaction })
        }
      }
      // Not before the application had its turn to commit. Should it take longer, the ledger tells of the commit.
      if (isInTransaction) setImmediate(dispatcher.wake)
      else dispatcher.wake()
      return acceptances
    },

    async configure(next) {
      check(next)
      endpoints = next
      await dispatcher.configure(next)
    },

    deliveries: createDeliveries({ ledger, dispatcher }),
    endpoints: createEndpoints({ ledger, dispatcher, configuredIds: () => endpoints.map((one) => one.id) }),
  }
}

const recordNames = {
  id: true,
  endpointId: true,
  orderingKey: true,
  type: true,
  payload: true,
  idempotencyKey: true,
  context: true,
  delayInMs: true,
} as const

function toMessage({ id, endpointId, orderingKey, type, context }: NewDelivery) {
  return { id, endpointId, orderingKey, type, ...(context !== undefined && { context }) }
}

async function waitAtMost(promise: Promise<void>, timeoutInMs: number): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new OutboxError('idle_timeout', `the outbox was not idle within ${timeoutInMs} ms`)),
    timeoutInMs,
  )
  try {
    await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

function checkTimeout(value: number): void {
  if (Number.isFinite(value) && value >= 0 && value <= maxTimerInMs) return
  throw new OptionError('timeoutInMs', 'must be milliseconds, 0 or more, 24.8 days at most')
}

function checkWholeMs(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new OptionError(option, `must be a whole number of milliseconds, ${least} or more`)
}
