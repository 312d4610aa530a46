import type { AttemptRecord, DeliveryState } from '../delivery.ts'
import type { PauseReason } from '../ledger.ts'

/** Looks deliveries up, and changes what becomes of them. An id that is not known is an answer, not an error. */
export interface OutboxDeliveries {
  /**
   * A page of deliveries, latest accepted or resent first.
   *
   * @throws OptionError for a filter that is not known, or cannot be.
   */
  list(filter?: DeliveryListFilter): Promise<{ deliveries: DeliverySummary[]; nextCursor?: string }>
  /**
   * How many match: exactly, or as many as the limit when there are more.
   *
   * @throws OptionError as {@link OutboxDeliveries.list} does.
   */
  count(filter?: DeliverySearch, options?: CountOptions): Promise<{ count: number; isExact: boolean }>
  /**
   * Yields when it is time to look again: at once, and then whenever any process has accepted, attempted or decided
   * something. Changes that come together yield once. If the ledger is unavailable, it waits, and yields once when the
   * ledger is back. It ends with the signal, and when the ledger is closed.
   */
  watch(options?: WatchOptions): AsyncIterable<void>
  /**
   * Yields the changes of deliveries from now on, by any process. Several changes of one delivery between two looks are
   * yielded as one, the latest. If more than 5000 deliveries are pending, it follows the oldest.
   *
   * @throws OptionError for a filter that is not known, or cannot be.
   */
  follow(filter?: Omit<DeliverySearch, 'state'>, options?: FollowOptions): AsyncIterable<DeliveryChange>
  /** One delivery with all its attempts; `undefined` when it is not known. */
  get(id: string): Promise<DeliveryDetails | undefined>
  /**
   * Delivers once more, with the same id, so that receivers recognise the repeat. The delivery goes last of its
   * ordering key. A pending delivery that waits for its retry is attempted at once. A held delivery keeps its place,
   * and the deliveries behind it follow once it is delivered.
   *
   * @returns Whether the delivery is known.
   */
  resend(id: string): Promise<boolean>
  /**
   * Resends all that match, in the order accepted, `perSecond` of them, the exhausted ones unless the filter names another state.
   * What comes to match while it runs is left alone. With a signal that is aborted, it ends and says how many it has resent.
   */
  resendAll(filter: DeliverySearch, options: ResendAllOptions): Promise<{ resent: number }>
  /**
   * Gives up a pending or held delivery, and lets the next one of its ordering key through. An attempt under way
   * continues: if it delivers, the delivery is `delivered`.
   *
   * @returns Whether it was pending or held.
   */
  cancel(id: string): Promise<boolean>
}

/** Which deliveries. Everything given must hold. */
export interface DeliverySearch {
  state?: DeliveryState | undefined
  orderingKey?: string | undefined
  endpointId?: string | undefined
  type?: string | undefined
  /** Accepted then or later. */
  acceptedFrom?: Date | undefined
  /** Accepted before. */
  acceptedBefore?: Date | undefined
}

/** Which deliveries, and which page of them. */
export interface DeliveryListFilter extends DeliverySearch {
  /** How many at most, 1 to 1000. Default 100. */
  limit?: number | undefined
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined
  /** First accepted or resent first, instead of latest. */
  oldestFirst?: boolean | undefined
  /**
   * How many of the latest deliveries are looked at, 1 to 1 000 000, for a filter that no index answers: by type, by times, or by endpoint alone. A
   * page may then have fewer than `limit` deliveries, or none, and a `nextCursor` from which to look further. Default: all. Not with
   * `oldestFirst`.
   */
  lookAtMost?: number | undefined
}

/** How far to count. */
export interface CountOptions {
  /** Where counting ends, 1 to 10 million. Default 10 000. */
  limit?: number | undefined
}

/** How to watch. */
export interface WatchOptions {
  /** Ends it. */
  signal?: AbortSignal | undefined
  /** The least time between two looks, in milliseconds, up to a minute. Default 250. */
  atMostEveryInMs?: number | undefined
}

/** How to follow. */
export interface FollowOptions extends WatchOptions {
  /** Told once, when it has seen what there is: what happens after that is said. */
  onReady?: (() => void) | undefined
}

/** How to resend what matches. */
export interface ResendAllOptions {
  /** How many a second. */
  perSecond: number
  /** Ends it after the one that is under way. */
  signal?: AbortSignal | undefined
  /** Told after each. */
  onProgress?: ((progress: { resent: number; total: number }) => void) | undefined
}

/**
 * What has become of a delivery: it was accepted; an attempt failed and is to be made again; it has reached a state; or it is pending
 * anew, since an operator resent it.
 */
export type DeliveryChangeKind = 'accepted' | 'attempted' | 'resent' | Exclude<DeliveryState, 'pending'>

/** A change, and the delivery after it. */
export interface DeliveryChange {
  kind: DeliveryChangeKind
  delivery: DeliverySummary
}

/**
 * What a pending delivery waits for:
 * - `turn`: for those before it of its ordering key;
 * - `held`: for an operator, since the first one of its ordering key is held, until that is resent or canceled;
 * - `retry`: for its time, see `nextAttemptAt`;
 * - `paused`: for an operator, since its endpoint is paused or gone;
 * - `circuit`: for its endpoint, at which nothing succeeds;
 * - `dispatcher`: for a process that delivers to its endpoint; none is started that has it configured;
 * - `in-flight`: for the answer. Its attempt is under way, or begins when there is a free slot.
 */
export type WaitsFor = 'turn' | 'held' | 'retry' | 'paused' | 'circuit' | 'dispatcher' | 'in-flight'

/** One record at one endpoint. */
export interface DeliverySummary {
  id: string
  endpointId: string
  orderingKey: string
  type: string
  state: DeliveryState
  acceptedAt: Date
  attemptCount: number
  /** Only while it is pending. */
  waitsFor?: WaitsFor
  /** When the next attempt may be made, if not at once. */
  nextAttemptAt?: Date
  /** What came of the latest attempt. */
  lastAttempt?: { status?: number; errorCode?: string }
  /** When it was delivered, exhausted, held or canceled. */
  settledAt?: Date
  idempotencyKey?: string
}

/** A delivery with its payload and its attempts, first one first. */
export interface DeliveryDetails extends DeliverySummary {
  payload: string
  attempts: AttemptSummary[]
}

/** What came of one attempt. */
export interface AttemptSummary extends Omit<AttemptRecord, 'startedAt' | 'nextAttemptAt'> {
  startedAt: Date
  /** When the next one was to be made; not there after the last. */
  nextAttemptAt?: Date
}

/** Looks endpoints up, and stops and starts what goes to them. */
export interface OutboxEndpoints {
  /** The configured endpoints, and those that the ledger knows from before. */
  list(options?: EndpointListOptions): Promise<EndpointStatus[]>
  /**
   * How attempts ended, by endpoint and minute, the oldest first, from the minute of `since` on. They are kept for a
   * week. A minute without an attempt is left out.
   *
   * @throws OptionError for a time that is none.
   */
  outcomes(options: OutcomesOptions): Promise<EndpointOutcomes[]>
  /**
   * Attempts nothing more there; deliveries are accepted and wait.
   *
   * @returns Whether the endpoint is known.
   */
  pause(id: string): Promise<boolean>
  /**
   * Lets what has waited flow: ends a pause, also of an endpoint that was `gone`, and closes the circuit.
   *
   * @returns Whether the endpoint is known.
   */
  resume(id: string): Promise<boolean>
}

/** Which outcomes. */
export interface OutcomesOptions {
  /** Those of its minute and later. */
  since: Date
}

/** How the attempts of one minute at one endpoint ended. */
export interface EndpointOutcomes {
  endpointId: string
  /** When the minute began. */
  minute: Date
  /** Attempts that delivered. */
  delivered: number
  /** Attempts that failed, those that are made again included. */
  failed: number
}

/** How to list endpoints. */
export interface EndpointListOptions {
  /** Where counting ends: a count that is as large means that many or more. Default: nowhere. */
  countLimit?: number | undefined
}

/** How an endpoint is doing. */
export interface EndpointStatus {
  id: string
  /** Whether this outbox was given it. */
  isConfigured: boolean
  /** Whether a started process, this one or another, delivers to it. */
  isDispatched: boolean
  /** Why nothing is attempted there, if so: `gone` after it said that it wants nothing more. */
  paused?: { reason: PauseReason; since: Date }
  /** Deliveries that are pending, those in flight included. */
  pending: number
  /** Deliveries that are held: each keeps its ordering key waiting until it is resent or canceled. */
  held: number
  oldestPendingAgeInMs?: number
  /** Deliveries whose every attempt failed, until they are resent. */
  exhausted: number
  circuit: {
    state: 'closed' | 'open'
    since: Date
    /** Until when nothing is attempted there; then a few probes are. */
    until?: Date
  }
  lastSuccessAt?: Date
  lastFailureAt?: Date
}
