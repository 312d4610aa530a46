import type { TaskEvent } from '@taskhook/core'
import type { DeliveryState } from '@taskhook/outbox'
import type { AttemptResponse } from './attempt-result.ts'

/** Accepts events and delivers them, see {@link createSender}. */
export interface Sender extends AsyncDisposable {
  /** Begins to deliver: what was accepted before first, then whatever comes. */
  start(): Promise<void>
  /**
   * Ends: lets the attempts in flight finish, for at most `timeoutInMs` (default 10 000), gives back what was not attempted, and
   * closes everything; a database that does not answer is waited for some five seconds more. What is pending stays so, and flows when a sender starts again. `await using` does the same.
   */
  stop(options?: { timeoutInMs?: number }): Promise<void>
  /**
   * Accepts an event for every endpoint that subscribes to it. When this resolves, it is committed to stable storage: it will
   * be attempted until it is delivered, exhausted or canceled, whatever happens to this process.
   *
   * @returns One id an endpoint, in the order of the configuration; none when no endpoint takes it.
   * @throws OptionError for an event that is none; OutboxError when it could not be stored, and then nothing was accepted.
   */
  send(
    event: Pick<TaskEvent, 'taskId' | 'eventType'>,
    options?: SendOptions,
  ): Promise<{ deliveryIds: string[] }>
  deliveries: SenderDeliveries
  endpoints: SenderEndpoints
}

/** Options of {@link Sender.send}. */
export interface SendOptions {
  /**
   * The application's own connection to the database that the outbox is in, with a transaction open: the event is written in it, and
   * accepted when that commits. A `DatabaseSync` of `node:sqlite`, or a client of `pg`.
   */
  transaction?: unknown
  /** A second event with the same key is not accepted at an endpoint; the first one's delivery id is returned. */
  idempotencyKey?: string
}

/** Looks deliveries up and changes what becomes of them. */
export interface SenderDeliveries {
  /** A page of deliveries, latest accepted first. */
  list(filter?: DeliveryListFilter): Promise<{ deliveries: DeliverySummary[]; nextCursor?: string }>
  /** One delivery with all its attempts; `undefined` when it is not known. */
  get(id: string): Promise<DeliveryDetails | undefined>
  /**
   * Delivers once more, under the same id, so that receivers tell the repeat. It goes last of its task. One that is pending and
   * waits for its retry is attempted at once.
   *
   * @returns Whether the delivery is known.
   */
  resend(id: string): Promise<boolean>
  /**
   * Resends all that match, in the order accepted, `perSecond` of them, the exhausted ones unless the filter names another state.
   * What comes to match while it runs is left alone.
   */
  resendAll(filter: DeliveryFilter, options: { perSecond: number }): Promise<{ resent: number }>
  /**
   * Gives a pending delivery up, and lets the next one of its task through. One that is in flight is given up when its attempt
   * has failed.
   *
   * @returns Whether it was pending.
   */
  cancel(id: string): Promise<boolean>
}

/** Which deliveries. Everything given must hold. */
export interface DeliveryFilter {
  state?: DeliveryState
  taskId?: string
  endpointId?: string
  eventType?: string
  /** Accepted then or later. */
  acceptedFrom?: Date
  /** Accepted before. */
  acceptedBefore?: Date
}

/** Which deliveries, and which page of them. */
export interface DeliveryListFilter extends DeliveryFilter {
  /** How many at most, 1 to 1000. Default 100. */
  limit?: number
  /** The `nextCursor` of the page before. */
  cursor?: string
}

/** One event at one endpoint. */
export interface DeliverySummary {
  /** What receivers get as `webhook-id`. */
  id: string
  endpointId: string
  taskId: string
  eventType: string
  state: DeliveryState
  acceptedAt: Date
  attemptCount: number
  /** When the next attempt may be made. Not there while it waits behind another one of its task, is in flight, or is done. */
  nextAttemptAt?: Date
  isInFlight: boolean
  /** Whether it is given up once the attempt in flight has failed. */
  isCancelRequested: boolean
  /** When it was delivered, exhausted or canceled. */
  settledAt?: Date
  idempotencyKey?: string
}

/** A delivery with its attempts, first one first. */
export interface DeliveryDetails extends DeliverySummary {
  attempts: AttemptSummary[]
}

/** What came of one attempt. */
export interface AttemptSummary {
  number: number
  startedAt: Date
  durationInMs: number
  outcome: 'delivered' | 'retry' | 'gone'
  status?: number
  errorCode?: string
  errorMessage?: string
  response?: AttemptResponse
  /** When the next one was to be made; not there after the last. */
  nextAttemptAt?: Date
}

/** Looks endpoints up, and stops and starts what goes to them. */
export interface SenderEndpoints {
  /** The configured endpoints, and those that the outbox knows from before. */
  list(): Promise<EndpointStatus[]>
  /** Attempts nothing more there; events are accepted and wait. */
  pause(id: string): Promise<void>
  /** Lets what has waited flow, after {@link pause} or after the endpoint was `gone`. */
  resume(id: string): Promise<void>
}

/** How an endpoint is doing. */
export interface EndpointStatus {
  id: string
  /** Whether the configuration has it. */
  isConfigured: boolean
  /** Why nothing is attempted there, if so: `gone` after it answered 410. */
  paused?: { reason: 'operator' | 'gone'; since: Date }
  /** Deliveries that are pending, those in flight included. */
  pending: number
  oldestPendingAgeInMs?: number
  circuit: { state: 'closed' | 'open' | 'half-open'; since: Date }
  lastSuccessAt?: Date
  lastFailureAt?: Date
}
