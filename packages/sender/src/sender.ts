import type { TaskEvent } from '@taskhook/core'
import type { OutboxEndpoints } from '@taskhook/outbox'
import type { TaskDeliveries } from '@taskhook/outbox/tasks'
import type { WebHookConfig } from './config/web-hook/config.ts'

/**
 * Accepts events and delivers them. {@link createSender} makes one.
 *
 * @typeParam T What the application's own transaction is written through.
 */
export interface Sender<T = unknown> extends AsyncDisposable {
  /**
   * Begins to deliver, the oldest events first. The process stays alive until {@link Sender.stop}.
   *
   * @throws OutboxError `already_started`; and what the outbox throws.
   */
  start(): Promise<void>
  /**
   * Stops the sender. It begins no more attempts and waits at most `timeoutInMs` (default 10 000) for those under way.
   * Then it hands over to other processes, and closes everything. It waits about five seconds more for a database that
   * does not answer. Pending deliveries stay pending until a sender starts again. `await using` does the same.
   */
  stop(options?: StopOptions): Promise<void>
  /**
   * Resolves when no delivery is due and none is under way in this process. A script uses it to wait for what it has
   * sent. It does not wait for deliveries that wait for a retry or belong to a paused endpoint. If the sender was not
   * started, it resolves at once.
   *
   * @throws OutboxError `idle_timeout` after `timeoutInMs`, if that is given.
   */
  idle(options?: IdleOptions): Promise<void>
  /**
   * Accepts an event for every endpoint that subscribes to it. When this resolves, the event is committed to stable
   * storage. From then on, the sender attempts it until it is delivered, exhausted or canceled, also after a crash.
   *
   * @returns One delivery an endpoint, in the order of the configuration; none when no endpoint takes it. `isRepeat` says that the
   * idempotency key was there already, and the id is that of the first one.
   * @throws OptionError for an event that is none; OutboxError when it could not be stored, and then nothing was accepted.
   */
  send(
    event: Pick<TaskEvent, 'taskId' | 'eventType'>,
    options?: SendOptions<T>,
  ): Promise<{ deliveries: SentDelivery[] }>
  /**
   * Applies another `webHook` section: secrets, headers, schedules, events, concurrency, endpoints added and removed.
   * It reads key files again. Attempts under way end on their own connections. Pending deliveries of a removed endpoint
   * stay, and are shown as not configured.
   *
   * @returns The ids of the endpoints that were added, removed or changed; and of those that need a restart, which are none.
   * @throws ConfigError, KeyStoreError as `createSender` does; then nothing has changed.
   * @throws TaskhookError `endpoint_closed` after {@link Sender.stop}.
   * @throws OutboxError when the outbox did not answer. This process goes by the new section already; call it again, so that other processes
   * are told.
   */
  reload(
    webHook: WebHookConfig | readonly WebHookConfig[],
  ): Promise<{ changed: string[]; restartRequired: string[] }>
  readonly deliveries: TaskDeliveries
  readonly endpoints: OutboxEndpoints
}

/** What was accepted for one endpoint. */
export interface SentDelivery {
  /** What the receiver gets as `webhook-id`. */
  id: string
  endpointId: string
  /** Whether an earlier delivery has the same idempotency key. */
  isRepeat: boolean
}

/** Options of {@link Sender.send}. */
export interface SendOptions<T = unknown> {
  /**
   * The application's own connection to the database that the outbox is in, with a transaction open: the event is written in it, and
   * accepted when that commits. A `DatabaseSync` of `node:sqlite`, or a client of `pg`.
   */
  transaction?: T | undefined
  /** A second event with the same key is not accepted at an endpoint; the first one's delivery id is returned. 1 to 255 characters. */
  idempotencyKey?: string | undefined
}

/** Options of {@link Sender.stop}. */
export interface StopOptions {
  /** How long attempts under way may take, in milliseconds; then they are ended. Default 10 000. */
  timeoutInMs?: number
}

/** Options of {@link Sender.idle}. */
export interface IdleOptions {
  /** How long to wait, in milliseconds. Default: for as long as it takes. */
  timeoutInMs?: number
}
