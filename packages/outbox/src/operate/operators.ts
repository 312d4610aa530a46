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
  /** One delivery with all its attempts; `undefined` when it is not known. */
  get(id: string): Promise<DeliveryDetails | undefined>
  /**
   * Delivers once more, under the same id, so that receivers tell the repeat. It goes last of its ordering key. One that is pending and
   * waits for its retry is attempted at once.
   *
   * @returns Whether the delivery is known.
   */
  resend(id: string): Promise<boolean>
  /**
   * Resends all that match, in the order accepted, `perSecond` of them, the exhausted ones unless the filter names another state.
   * What comes to match while it runs is left alone.
   */
  resendAll(filter: DeliverySearch, options: { perSecond: number }): Promise<{ resent: number }>
  /**
   * Gives a pending delivery up, and lets the next one of its ordering key through. An attempt that is under way goes on: if it
   * delivers, the delivery is `delivered` after all.
   *
   * @returns Whether it was pending.
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
}

/**
 * What a pending delivery waits for:
 * - `turn`: for those before it of its ordering key;
 * - `retry`: for its time, see `nextAttemptAt`;
 * - `paused`: for an operator, since its endpoint is paused or gone;
 * - `circuit`: for its endpoint, at which nothing succeeds;
 * - `dispatcher`: for a process that delivers to its endpoint; none is started that has it configured;
 * - `in-flight`: for the answer. Its attempt is under way, or begins when there is a free slot.
 */
export type WaitsFor = 'turn' | 'retry' | 'paused' | 'circuit' | 'dispatcher' | 'in-flight'

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
  /** When it was delivered, exhausted or canceled. */
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
  list(): Promise<EndpointStatus[]>
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
  oldestPendingAgeInMs?: number
  circuit: {
    state: 'closed' | 'open'
    since: Date
    /** Until when nothing is attempted there; then a few probes are. */
    until?: Date
  }
  lastSuccessAt?: Date
  lastFailureAt?: Date
}
