import type { Acceptance } from './ledger.ts'
import type { EndpointSpec } from './dispatch/endpoint-spec.ts'
import type { OutboxDeliveries, OutboxEndpoints } from './operate/operators.ts'

/**
 * Accepts records, delivers them, and shows what became of them, see {@link createOutbox}.
 *
 * @typeParam T What the application's own transaction is written through.
 */
export interface Outbox<T = unknown> extends AsyncDisposable {
  /** Its own among all outboxes; messages on the diagnostics channels have it. */
  readonly id: string
  /**
   * Begins to deliver: what was accepted before first, then whatever comes. The process stays alive until {@link Outbox.stop}.
   *
   * @throws OutboxError `already_started`; and what the ledger throws.
   */
  start(): Promise<void>
  /**
   * Stops the outbox. It begins no more attempts and waits at most `timeoutInMs` (default 10 000) for those under way.
   * Then it ends the others, and gives its partitions to other processes. It resolves at most a second after the
   * timeout. Pending deliveries stay pending. The ledger stays open: the code that opened it closes it.
   */
  stop(options?: { timeoutInMs?: number }): Promise<void>
  /**
   * Resolves when no delivery of this process is due and none is under way. It does not wait for deliveries that wait
   * for a retry or belong to a paused endpoint. If the outbox was not started, it resolves at once.
   *
   * @throws OutboxError `idle_timeout` after `timeoutInMs`, if that is given.
   */
  idle(options?: { timeoutInMs?: number }): Promise<void>
  /**
   * Accepts deliveries, all or none, in this order. When this resolves, they are committed to stable storage: each is attempted until it is
   * delivered, exhausted or canceled, whatever happens to this process. With a `transaction`, they are accepted when that commits.
   *
   * @throws OutboxError; then nothing was accepted.
   */
  enqueue(
    deliveries: readonly OutboxRecord[],
    options?: { transaction?: T | undefined },
  ): Promise<Acceptance[]>
  /**
   * Delivers to these endpoints from now on, and no longer to the earlier ones. Attempts under way end as they began.
   * Pending deliveries of a removed endpoint stay, and wait for a process that has the endpoint.
   *
   * @throws OptionError; then nothing has changed.
   */
  configure(endpoints: readonly EndpointSpec<T>[]): Promise<void>
  readonly deliveries: OutboxDeliveries
  readonly endpoints: OutboxEndpoints
}

/** What is handed over to be delivered to one endpoint. */
export interface OutboxRecord {
  /** Its own among all deliveries; the same at every attempt and after a resend. Default: a UUID of version 7. */
  id?: string | undefined
  endpointId: string
  /** Deliveries with the same key to the same endpoint are attempted one at a time, in the order accepted. */
  orderingKey: string
  /** What kind of record it is, for filters. */
  type: string
  payload: string
  /** A second delivery with the same one to the same endpoint is not accepted; the first one's id is the answer. */
  idempotencyKey?: string | undefined
  /** What the outbox does not read and hands to each attempt: a trace context, for example. */
  context?: string | undefined
  /** How long the first attempt waits, in milliseconds. Default: the first wait of the endpoint's retry schedule, if it is configured here; or 0. */
  delayInMs?: number | undefined
}
