import type { TaskEvent, VerifiedWebhook } from '@taskhook/core'
import type { OutboxEndpoints } from '@taskhook/outbox'
import type { TaskDeliveries } from '@taskhook/outbox/tasks'

/**
 * Stores verified webhooks, and hands each to its handler until that has succeeded, see {@link createInbox}.
 *
 * @typeParam E The event of its webhooks.
 */
export interface Inbox<E = TaskEvent> extends AsyncDisposable {
  /**
   * Stores a webhook. When this resolves, it is committed to stable storage: it will be handled until the handler succeeds, the retries are
   * exhausted or it is canceled, whatever happens to this process. So answer 2xx then; `acceptInto` of each adapter does.
   *
   * A webhook is a repeat when one with the same signed `webhook-id`, of the same holder of the secret, was accepted before, or one for which
   * `idOf` gave the same. A repeat is not handled again: answer it 2xx too.
   *
   * @returns The id of its delivery, that of the first one for a repeat.
   * @throws WebhookError `inbox_unavailable`, status 503 with `Retry-After`, when it could not be stored; then nothing was accepted.
   */
  accept(webhook: VerifiedWebhook<E>): Promise<{ id: string; isRepeat: boolean }>
  /**
   * Begins to handle: what was accepted before first, then whatever comes. The process stays alive until {@link Inbox.stop}. A process that
   * only accepts, for others to handle, is not started.
   *
   * @throws OutboxError `already_started`; and what the store throws.
   */
  start(): Promise<void>
  /**
   * Ends: begins nothing more, lets the handlers under way finish for at most `timeoutInMs` (default 10 000), aborts the others, hands over to
   * other processes, and closes everything. What is pending stays so, and is handled when an inbox starts again. `await using` does the same.
   */
  stop(options?: StopOptions): Promise<void>
  /**
   * Resolves when nothing is due and no handler is under way in this process. What waits for a retry, or while the inbox is paused, is not
   * waited for. Without {@link Inbox.start}, at once.
   *
   * @throws OutboxError `idle_timeout` after `timeoutInMs`, if that is given.
   */
  idle(options?: IdleOptions): Promise<void>
  /** What was accepted, and what became of it. `resend` handles a webhook once more: a replay. */
  readonly deliveries: TaskDeliveries
  /** The inbox itself, under its id: how much waits, and to pause and resume it. */
  readonly endpoints: OutboxEndpoints
}

/**
 * Handles one webhook. Its task's next one waits until this is done. When it rejects or takes too long, it is called again, after the next
 * wait of the retry schedule.
 *
 * @typeParam E The event of the webhook.
 * @typeParam T What a transaction is written through.
 */
export type InboxHandler<E = TaskEvent, T = unknown> = (
  webhook: VerifiedWebhook<E>,
  context: InboxContext<T>,
) => Promise<void> | void

/** What a handler is given besides the webhook. */
export interface InboxContext<T = unknown> {
  /**
   * Aborted when the handler has taken longer than `handlerTimeoutInMs`, when the inbox stops for longer than it may take, and when the task
   * belongs to another process now. Hand it to what takes a signal.
   */
  signal: AbortSignal
  /** Which attempt this is since the webhook was accepted or resent: 1 for the first. */
  attempt: number
  /**
   * Only with `transaction: true`: the store's database, within a transaction. What is written through it and that the webhook is handled
   * become true together: effects are there exactly once. A `DatabaseSync` of `node:sqlite`, or a client of `pg`.
   */
  transaction: T
}

/** Options of {@link Inbox.stop}. */
export interface StopOptions {
  /** How long handlers under way may take, in milliseconds; then they are aborted. Default 10 000. */
  timeoutInMs?: number
}

/** Options of {@link Inbox.idle}. */
export interface IdleOptions {
  /** How long to wait, in milliseconds. Default: for as long as it takes. */
  timeoutInMs?: number
}
