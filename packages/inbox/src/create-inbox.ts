import { checkOptions, OptionError, type TaskEvent, type VerifiedWebhook } from '@taskhook/core'
import {
  createOutbox,
  openLedger,
  type AttemptReport,
  type Ledger,
  type OutboxRecord,
} from '@taskhook/outbox'
import { createTaskDeliveries, inboxWording, observeTasks } from '@taskhook/outbox/tasks'
import { checkInboxOptions } from './check-inbox-options.ts'
import { createAttempt, type Attempt } from './create-attempt.ts'
import { endWithSignal } from './end-with-signal.ts'
import { findTask } from './find-task.ts'
import { inboxUnavailable } from './inbox-unavailable.ts'
import type { IdleOptions, Inbox, StopOptions } from './inbox.ts'
import type { InboxOptions } from './inbox-options.ts'
import { instrumentation } from './instrumentation.ts'
import { nameWebhook } from './name-webhook.ts'
import { readTraceparent, storeWebhook } from './stored-webhook.ts'

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]
const defaultRetryScheduleInMs = [
  0,
  second,
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
]
const defaultMaxConcurrency = 10
const defaultHandlerTimeoutInMs = minute
const defaultCrashLimit = 3
// A sender that follows Standard Webhooks tries for three days; and an operator who resends by hand comes later.
const defaultRetentionInMs = 14 * day

/**
 * Makes the inbox of a receiving service: {@link Inbox.accept} stores a verified webhook, and from then on the handler is called with it until
 * it succeeds; in order for each task, one at a time. The store is opened here.
 *
 * @throws OptionError for an option that is not known, or cannot work; OutboxError when the store cannot be opened.
 * @example
 * const inbox = await createInbox({ handler: async ({ event }) => refreshTask(event.taskId) })
 * await inbox.start()
 * app.post('/automation', verifyWebhook({ secret }), acceptInto(inbox))
 */
export async function createInbox<T = unknown, E = TaskEvent>(
  options: InboxOptions<T, E>,
): Promise<Inbox<E>> {
  checkInboxOptions(options)
  const { whenExhausted = 'continue', crashLimit = defaultCrashLimit } = options
  const { store = 'sqlite:taskhook-inbox.db', handler, schema, logger, now = Date.now } = options
  const {
    transaction = false,
    id: endpointId = 'inbox',
    retentionInMs = defaultRetentionInMs,
    leaseInMs,
  } = options
  const {
    retryScheduleInMs = defaultRetryScheduleInMs,
    maxConcurrency = defaultMaxConcurrency,
    handlerTimeoutInMs = defaultHandlerTimeoutInMs,
  } = options
  const attempt = createAttempt<T, E>({ handler, schema })
  const { ledger, outbox, observer } = await open()
  let stopping: Promise<void> | undefined

  async function open() {
    const opened = typeof store === 'string' ? ((await openLedger(store, { now })) as Ledger<T>) : store
    try {
      const made = createOutbox<T>({
        ledger: opened,
        endpoints: [
          {
            id: endpointId,
            maxConcurrency,
            retryScheduleInMs,
            attempt: handle,
            whenExhausted,
            crashLimit,
            attemptTimeoutInMs: handlerTimeoutInMs,
            transaction,
          },
        ],
        retentionInMs,
        ...(leaseInMs !== undefined && { leaseInMs }),
      })
      const wording = inboxWording
      return {
        ledger: opened,
        outbox: made,
        observer: await observeTasks({
          wording,
          instrumentation,
          outbox: made,
          logger,
          endpointCount: 1,
          now,
        }),
      }
    } catch (error) {
      if (typeof store === 'string') await opened.close()
      throw error
    }
  }

  function handle(...[delivery, signal, context]: Parameters<Attempt<T>>): Promise<AttemptReport> {
    const traced = { ...delivery, context: readTraceparent(delivery.context) }
    return observer.traceAttempt(traced, () => endWithSignal(attempt(delivery, signal, context), signal))
  }

  function toRecord(webhook: VerifiedWebhook<E>): OutboxRecord {
    if (!(webhook?.rawBody instanceof Uint8Array)) {
      throw new OptionError('webhook', 'must be a webhook, as a verifier gives it')
    }
    const { taskId, eventType } = findTask(webhook, options)
    const { payload, context } = storeWebhook(webhook, observer.captureContext())
    return {
      endpointId,
      orderingKey: taskId,
      type: eventType,
      payload,
      context,
      idempotencyKey: nameWebhook(webhook, options),
    }
  }

  async function end(outboxEnded: Promise<void>): Promise<void> {
    await outboxEnded
    await observer.end()
    if (typeof store === 'string') await ledger.close()
  }

  return {
    async accept(webhook) {
      const record = toRecord(webhook)
      try {
        const [acceptance] = await outbox.enqueue([record])
        observer.noteAccepted()
        return acceptance!
      } catch (error) {
        throw inboxUnavailable(error)
      }
    },
    async start() {
      await outbox.start()
      observer.noteStarted()
    },
    async stop(stopOptions = {}) {
      checkOptions<StopOptions>(stopOptions, { timeoutInMs: true })
      // What the outbox refuses is refused before anything has begun to end.
      await (stopping ??= end(outbox.stop(stopOptions)))
    },
    [Symbol.asyncDispose]: () => (stopping ??= end(outbox.stop())),
    async idle(idleOptions = {}) {
      checkOptions<IdleOptions>(idleOptions, { timeoutInMs: true })
      await outbox.idle(idleOptions)
    },
    deliveries: createTaskDeliveries(outbox.deliveries),
    endpoints: outbox.endpoints,
  }
}
