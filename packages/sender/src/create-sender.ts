import { encodeTaskEvent, OptionError, type EventType } from '@taskhook/core'
import {
  channels,
  createDispatcher,
  systemClock,
  type Claim,
  type EndpointSpec,
  type NewDelivery,
} from '@taskhook/outbox'
import { v7 as timeOrderedId } from 'uuid'
import { checkSenderOptions } from './check-sender-options.ts'
import { createEndpoint } from './create-endpoint.ts'
import { createDisabledSender } from './disabled-sender.ts'
import { resolveDuration } from './duration.ts'
import type { Endpoint } from './endpoint.ts'
import { logMessages, type LoggerLike } from './log-messages.ts'
import { openOutbox, type Outbox } from './open-outbox.ts'
import { createSenderDeliveries } from './sender-deliveries.ts'
import { createSenderEndpoints } from './sender-endpoints.ts'
import type { Sender } from './sender.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import { validateConfigs } from './validate-config.ts'
import type { ResolvedWebHookConfig, WebHookConfig } from './web-hook-config.ts'

/** Options of {@link createSender}. */
export interface SenderOptions {
  /** The `webHook` section: one endpoint, or several. */
  webHook: WebHookConfig | readonly WebHookConfig[]
  /**
   * Where deliveries are kept: `sqlite:<file>`, for any number of processes of one machine, or `postgres://…`, for any number of
   * machines. Default `sqlite:taskhook.db`, a file in the working directory.
   */
  outbox?: string | Outbox
  /** How long a delivered delivery is kept: an ISO-8601 duration. Default `P30D`. */
  retention?: string
  /**
   * How long deliveries stay with a process that has gone silent, in milliseconds. It is renewed three times in that; deliveries of
   * a process that froze or whose machine vanished are taken over after it. Default 15 000.
   */
  leaseInMs?: number
  /** Told what becomes of deliveries; a pino logger fits. Default: nobody. */
  logger?: LoggerLike
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
}

const defaultLeaseInMs = 15_000

type EnabledConfig = Extract<ResolvedWebHookConfig, { enabled: true }>

/**
 * Makes the sender of an automation service: {@link Sender.send} stores an event, and from then on it is delivered to every
 * endpoint that subscribes to it, in order for each task, until it is taken. Key stores are read, and the outbox is opened, here.
 *
 * @throws ConfigError, KeyStoreError, OptionError as `createEndpoint` does; OutboxError when the outbox cannot be opened.
 * @example
 * const sender = await createSender({ webHook: await loadConfig('config.json') })
 * await sender.start()
 * await sender.send({ taskId: '07c6ad8c', eventType: 'OrderSigned' })
 */
export async function createSender({
  webHook,
  outbox = 'sqlite:taskhook.db',
  retention = 'P30D',
  leaseInMs = defaultLeaseInMs,
  logger,
  now = Date.now,
}: SenderOptions): Promise<Sender> {
  const configs = validateConfigs([webHook].flat()).filter(
    (config): config is EnabledConfig => config.enabled,
  )
  const retentionInMs = resolveRetention(retention)
  checkSenderOptions({ outbox, leaseInMs, logger, now })
  if (configs.length === 0) return createDisabledSender()

  const endpoints = await createEndpoints(configs, now)
  const ledger = await openOrClose(outbox, endpoints)
  const ids = configs.map(({ id }) => id)
  const telemetry = createTelemetry(() => ledger.listEndpoints(ids), now)
  const endLogging = logger && logMessages(logger, new Set(ids))
  const dispatcher = createDispatcher({
    ledger,
    retentionInMs,
    leaseInMs,
    clock: { ...systemClock, now },
    endpoints: configs.map((config, index) => endpointSpec(config, endpoints[index]!, telemetry)),
  })

  const subscriptions = configs.map(({ id, events, retrySchedule: [first = 'PT0S'] }) => ({
    endpointId: id,
    events: new Set(events),
    firstWaitInMs: resolveDuration(first),
  }))

  function deliveriesOf(
    event: { taskId: string; eventType: EventType },
    idempotencyKey?: string,
  ): NewDelivery[] {
    const payload = encodeTaskEvent(event)
    checkStorable('taskId', event.taskId)
    const acceptedAt = now()
    return subscriptions
      .filter(({ events }) => events.has(event.eventType))
      .map(({ endpointId, firstWaitInMs }) => ({
        id: timeOrderedId(),
        endpointId,
        orderingKey: event.taskId,
        type: event.eventType,
        payload,
        idempotencyKey,
        acceptedAt,
        readyAt: acceptedAt + firstWaitInMs,
      }))
  }

  let stopping: Promise<void> | undefined
  async function stop(timeout: { timeoutInMs?: number }): Promise<void> {
    await dispatcher.stop(timeout)
    await Promise.all(endpoints.map((endpoint) => endpoint.close()))
    telemetry.end()
    endLogging?.()
    if (typeof outbox === 'string') await ledger.close()
  }

  return {
    start: () => dispatcher.start(),
    stop: (timeout = {}) => (stopping ??= stop(timeout)),
    [Symbol.asyncDispose]: () => (stopping ??= stop({})),

    async send(event, { transaction, idempotencyKey } = {}) {
      checkIdempotencyKey(idempotencyKey)
      const deliveries = deliveriesOf(event, idempotencyKey)
      if (deliveries.length === 0) return { deliveryIds: [] }
      if (transaction !== undefined) {
        const acceptances = await ledger.enqueueWithin(transaction, deliveries)
        // Not before the application had its turn to commit. Should it take longer, the claim waits for its lock.
        setImmediate(() => dispatcher.wake())
        return { deliveryIds: acceptances.map(({ id }) => id) }
      }
      const acceptances = await ledger.enqueue(deliveries)
      for (const [index, { isRepeat }] of acceptances.entries()) {
        if (!isRepeat) channels.enqueued.publish(messageOf(deliveries[index]!))
      }
      dispatcher.wake()
      return { deliveryIds: acceptances.map(({ id }) => id) }
    },

    deliveries: createSenderDeliveries({ ledger, now, wake: () => dispatcher.wake() }),
    endpoints: createSenderEndpoints({ ledger, ids, now, refresh: () => dispatcher.refresh() }),
  }
}

async function openOrClose(outbox: string | Outbox, endpoints: readonly Endpoint[]): Promise<Outbox> {
  if (typeof outbox !== 'string') return outbox
  try {
    return await openOutbox(outbox)
  } catch (error) {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()))
    throw error
  }
}

/** All of them, or none: what was made before one that fails is closed. */
async function createEndpoints(configs: readonly EnabledConfig[], now: () => number): Promise<Endpoint[]> {
  const settled = await Promise.allSettled(configs.map((config) => createEndpoint(config, { now })))
  const made = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed === undefined) return made
  await Promise.all(made.map((endpoint) => endpoint.close()))
  throw failed.reason
}

function endpointSpec(
  { id, maxConcurrency, retrySchedule }: EnabledConfig,
  endpoint: Endpoint,
  telemetry: Telemetry,
): EndpointSpec {
  return {
    id,
    maxConcurrency,
    retryScheduleInMs: retrySchedule.map(resolveDuration),
    attempt: (delivery, signal) =>
      telemetry.traceAttempt(delivery, (headers) =>
        endpoint.deliver({ id: delivery.id, ...eventOf(delivery) }, { signal, headers }),
      ),
  }
}

function eventOf({ payload }: Claim): { taskId: string; eventType: EventType } {
  return JSON.parse(payload) as { taskId: string; eventType: EventType }
}

function messageOf({ id, endpointId, orderingKey, type }: NewDelivery) {
  return { id, endpointId, orderingKey, type }
}

function checkIdempotencyKey(idempotencyKey: string | undefined): void {
  if (idempotencyKey === undefined) return
  if (typeof idempotencyKey !== 'string' || idempotencyKey === '' || idempotencyKey.length > 255) {
    throw new OptionError('idempotencyKey', 'must be a string of 1 to 255 characters')
  }
  checkStorable('idempotencyKey', idempotencyKey)
}

/** A database has U+FFFD for lone surrogates, and two texts would be one; and no U+0000, if it is PostgreSQL. */
function checkStorable(option: string, text: string): void {
  if (text.isWellFormed() && !text.includes('\0')) return
  throw new OptionError(option, 'must not have lone surrogates or U+0000 in it')
}

function resolveRetention(retention: string): number {
  try {
    const retentionInMs = resolveDuration(retention)
    if (retentionInMs > 0) return retentionInMs
  } catch (cause) {
    throw new OptionError('retention', 'must be an ISO-8601 duration such as "P30D"', { cause })
  }
  throw new OptionError('retention', 'must be more than zero')
}
