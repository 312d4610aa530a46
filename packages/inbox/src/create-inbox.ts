import { OptionError, type TaskEvent, type VerifiedWebhook } from '@taskhook/core'
import type { AttemptReport, OutboxRecord } from '@taskhook/outbox'
import { createTaskDeliveries, inboxWording, openTaskOutbox } from '@taskhook/outbox/tasks'
import { checkInboxOptions } from './check-inbox-options.ts'
import { createAttempt, type Attempt } from './create-attempt.ts'
import { endWithSignal } from './end-with-signal.ts'
import { findTask } from './find-task.ts'
import { inboxUnavailable } from './inbox-unavailable.ts'
import type { Inbox } from './inbox.ts'
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
  const { outbox, observer, life } = await openTaskOutbox<T>({
    store,
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
    wording: inboxWording,
    instrumentation,
    logger,
    now,
  })

  function handle(...[delivery, signal, context]: Parameters<Attempt<T>>): Promise<AttemptReport> {
    const traced = { ...delivery, context: readTraceparent(delivery.context) }
    return observer.traceAttempt(traced, () => endWithSignal(attempt(delivery, signal, context), signal))
  }

  function toRecord(webhook: VerifiedWebhook<E>): OutboxRecord {
    if (!(webhook?.rawBody instanceof Uint8Array)) {
      throw new OptionError('webhook', 'must be a webhook that a verifier returned')
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
    ...life,
    deliveries: createTaskDeliveries(outbox.deliveries),
    endpoints: outbox.endpoints,
  }
}
