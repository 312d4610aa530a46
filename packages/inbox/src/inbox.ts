import type { TaskEvent, VerifiedWebhook } from '@taskhook/core'
import type { OutboxEndpoints } from '@taskhook/outbox'
import type { TaskDeliveries } from '@taskhook/outbox/tasks'

/**
 * Stores verified webhooks, and calls the handler for each one until the handler succeeds. {@link createInbox} makes
 * one.
 *
 * @typeParam E The event of its webhooks.
 */
export interface Inbox<E = TaskEvent> extends AsyncDisposable {
  /**
   * Stores a webhook. When this resolves, the webhook is committed to stable storage. From then on, the inbox handles
   * it until the handler succeeds, the retries are exhausted or an operator cancels it, also after a crash. So answer
   * 2xx then; `acceptInto` of each adapter does.
   *
   * A webhook is a repeat if the inbox accepted one with the same signed `webhook-id` from the same holder of the
   * secret, or with the same result of `idOf`. The inbox does not handle a repeat again. Answer it 2xx too.
   *
   * @returns The id of its delivery, that of the first one for a repeat.
   * @throws WebhookError `inbox_unavailable`, status 503 with `Retry-After`, when it could not be stored; then nothing was accepted.
   */
  accept(webhook: VerifiedWebhook<E>): Promise<{ id: string; isRepeat: boolean }>
  /**
   * Begins to handle webhooks, the oldest first. The process stays alive until {@link Inbox.stop}. Do not start an
   * inbox in a process that only accepts webhooks and leaves the handling to other processes.
   *
   * @throws OutboxError `already_started`; and what the store throws.
   */
  start(): Promise<void>
  /**
   * Stops the inbox. It begins no more webhooks and waits at most `timeoutInMs` (default 10 000) for the handlers under
   * way. Then it aborts the others, hands over to other processes, and closes everything. Pending webhooks stay pending
   * until an inbox starts again. `await using` does the same.
   */
  stop(options?: StopOptions): Promise<void>
  /**
   * Resolves when no webhook is due and no handler is under way in this process. It does not wait for webhooks that
   * wait for a retry, or for a paused inbox. If the inbox was not started, it resolves at once.
   *
   * @throws OutboxError `idle_timeout` after `timeoutInMs`, if that is given.
   */
  idle(options?: IdleOptions): Promise<void>
  /** The accepted webhooks and their states. `resend` handles a webhook once more: a replay. */
  readonly deliveries: TaskDeliveries
  /** The inbox itself, under its id. It shows how much waits, and it can be paused and resumed. */
  readonly endpoints: OutboxEndpoints
}

/**
 * Handles one webhook. The next webhook of its task waits until this one is done. If the handler rejects or takes too
 * long, the inbox calls it again after the next wait of the retry schedule.
 *
 * @typeParam E The event of the webhook.
 * @typeParam T What a transaction is written through.
 */
export type InboxHandler<E = TaskEvent, T = unknown> = (
  webhook: VerifiedWebhook<E>,
  context: InboxContext<T>,
) => Promise<void> | void

/** What a handler gets besides the webhook. */
export interface InboxContext<T = unknown> {
  /**
   * Aborted when the handler takes longer than `handlerTimeoutInMs`, when the inbox stops and its time is up, and when
   * another process has taken over the task. Pass it to every function that accepts a signal.
   */
  signal: AbortSignal
  /** Which attempt this is since the webhook was accepted or resent: 1 for the first. */
  attempt: number
  /**
   * Only with `transaction: true`: a connection to the store's database, within a transaction. Your writes through it
   * and the fact that the webhook is handled are one commit, so the effects happen exactly once. It is a `DatabaseSync`
   * of `node:sqlite`, or a client of `pg`.
   */
  transaction: T
}

/** Options of {@link Inbox.stop}. */
export interface StopOptions {
  /** How long to wait for the handlers under way, in milliseconds. Then they are aborted. Default 10 000. */
  timeoutInMs?: number
}

/** Options of {@link Inbox.idle}. */
export interface IdleOptions {
  /** How long to wait, in milliseconds. Default: for as long as it takes. */
  timeoutInMs?: number
}
