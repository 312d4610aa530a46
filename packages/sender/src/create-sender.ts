import { checkOptions, OptionError, TaskhookError, type EventType } from '@taskhook/core'
import type { EndpointSpec, Ledger, OutboxRecord } from '@taskhook/outbox'
import {
  checkIdempotencyKey,
  createTaskDeliveries,
  openTaskOutbox,
  senderWording,
  toTaskRecord,
  type LoggerLike,
} from '@taskhook/outbox/tasks'
import { checkSenderOptions } from './check-sender-options.ts'
import { readEndpoints } from './config/endpoint-settings.ts'
import type { WebHookConfig } from './config/web-hook/config.ts'
import { closeEndpoints, createEndpointSet, type PostedEndpoint } from './endpoint/endpoint-set.ts'
import { instrumentation } from './instrumentation.ts'
import type { Sender, SendOptions } from './sender.ts'

/** Options of {@link createSender}. */
export interface SenderOptions<T = unknown> {
  /** The `webHook` section: one endpoint, or several. */
  webHook: WebHookConfig | readonly WebHookConfig[]
  /**
   * Where deliveries are kept: `sqlite:<file>`, for any number of processes of one machine; `postgres://…`, for any number of
   * machines; or a ledger, which is not closed with the sender. Default `sqlite:taskhook.db`, a file in the working directory.
   */
  outbox?: string | Ledger<T>
  /** How long a delivered delivery is kept, in milliseconds. Default 30 days. */
  retentionInMs?: number
  /**
   * How long a process may be silent before other processes take over its deliveries, in milliseconds. In this time it
   * gives three signs of life. Default 15 000.
   */
  leaseInMs?: number
  /**
   * Told what becomes of deliveries; a pino logger fits. Default: what an operator must act on is a process warning, and nothing else is
   * said.
   */
  logger?: LoggerLike
  /** The clock of signatures and of an outbox on SQLite, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
}

/**
 * Makes the sender of an automation service: {@link Sender.send} stores an event, and from then on it is delivered to every
 * endpoint that subscribes to it, in order for each task, until it is taken. Key stores are read, and the outbox is opened, here.
 *
 * With nothing enabled, the process is warned, `send` resolves to no deliveries, and lookups still look.
 *
 * @throws ConfigError, KeyStoreError, OptionError as `createEndpoint` does; OutboxError when the outbox cannot be opened.
 * @example
 * const sender = await createSender({ webHook: await loadConfig('config.json') })
 * await sender.start()
 * await sender.send({ taskId: '07c6ad8c', eventType: 'OrderSigned' })
 */
export async function createSender<T = unknown>(options: SenderOptions<T>): Promise<Sender<T>> {
  checkSenderOptions(options)
  const { webHook, outbox: place = 'sqlite:taskhook.db', logger, now = Date.now } = options
  const { retentionInMs, leaseInMs } = options
  let endpoints = await createEndpointSet(readEndpoints(webHook), { now })
  const { outbox, observer, isStopping, life } = await openTaskOutbox<T>({
    store: place,
    endpoints: endpoints.map(toSpec),
    ...(retentionInMs !== undefined && { retentionInMs }),
    ...(leaseInMs !== undefined && { leaseInMs }),
    wording: senderWording,
    instrumentation,
    logger,
    now,
    async endRest() {
      await reloading
      await Promise.all([closeEndpoints(endpoints), ...retiring])
    },
  }).catch(async (error: unknown) => {
    await closeEndpoints(endpoints)
    throw error
  })
  /** Former endpoints whose attempts are under way. */
  const retiring = new Set<Promise<void>>()
  let reloading: Promise<unknown> = Promise.resolve()

  function toSpec({ settings, poster }: PostedEndpoint): EndpointSpec {
    const { id, maxConcurrency, retryScheduleInMs } = settings
    return {
      id,
      maxConcurrency,
      retryScheduleInMs,
      attempt: (delivery, signal) =>
        observer.traceAttempt(delivery, (headers) =>
          poster.post({ id: delivery.id, body: delivery.payload, signal, headers }),
        ),
    }
  }

  function toRecords(
    event: { taskId: string; eventType: EventType },
    idempotencyKey: string | undefined,
  ): OutboxRecord[] {
    const { orderingKey, type, payload } = toTaskRecord(event)
    const context = observer.captureContext()
    return endpoints
      .filter(({ settings }) => settings.events.has(event.eventType))
      .map(({ settings: { id: endpointId } }) => ({
        endpointId,
        orderingKey,
        type,
        payload,
        idempotencyKey,
        context,
      }))
  }

  async function reload(next: WebHookConfig | readonly WebHookConfig[]): Promise<string[]> {
    const before = endpoints
    const after = await createEndpointSet(readEndpoints(next), { now, before })
    const former = before.filter((one) => !after.includes(one))
    endpoints = after
    try {
      await outbox.configure(after.map(toSpec))
    } finally {
      // Not waited for: attempts may be under way as long as their time limits allow.
      const closing = closeEndpoints(former).finally(() => retiring.delete(closing))
      retiring.add(closing)
    }
    observer.noteEndpoints(after.length)
    return listChanged(former, after, before)
  }

  return {
    ...life,

    async send(event, sendOptions = {}) {
      checkOptions<SendOptions<T>>(sendOptions, { transaction: true, idempotencyKey: true })
      const { transaction, idempotencyKey } = sendOptions
      checkIdempotencyKey(idempotencyKey)
      const records = toRecords(event, idempotencyKey)
      checkMisplaced(event)
      const acceptances = await outbox.enqueue(records, { transaction })
      if (acceptances.length > 0) observer.noteAccepted()
      return {
        deliveries: acceptances.map(({ id, isRepeat }, index) => ({
          id,
          endpointId: records[index]!.endpointId,
          isRepeat,
        })),
      }
    },

    async reload(next) {
      if (isStopping()) {
        throw new TaskhookError('endpoint_closed', 'the sender was stopped: create a new one')
      }
      // One at a time, in the order asked.
      const done = reloading.then(() => reload(next))
      reloading = done.catch(() => {})
      return { changed: await done, restartRequired: [] }
    },

    deliveries: createTaskDeliveries(outbox.deliveries),
    endpoints: outbox.endpoints,
  }
}

/** An option within the event would be passed over, and a repeated `send` accepted again. */
function checkMisplaced(event: object): void {
  for (const name of ['transaction', 'idempotencyKey'] as const) {
    if (name in event) throw new OptionError(name, 'must be in the second argument of send()')
  }
}

function listChanged(
  former: readonly PostedEndpoint[],
  after: readonly PostedEndpoint[],
  before: readonly PostedEndpoint[],
): string[] {
  const made = after.filter((one) => !before.includes(one))
  return [...new Set([...former, ...made].map(({ settings }) => settings.id))].toSorted()
}
