import type { AttemptRecord, DeliveryRecord, DeliveryState } from './delivery.ts'
import type { PauseReason } from './dispatch-ledger.ts'

/** What operators call. An id that is not known is an answer (`undefined`, `false`), not an error. */
export interface OperatorLedger {
  listDeliveries(
    filter: DeliveryFilter,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<DeliveryPage>
  getDelivery(id: string): Promise<{ delivery: DeliveryRecord; attempts: AttemptRecord[] } | undefined>
  /**
   * Makes a delivery pending anew, under a new number, so last of its ordering key, its retry schedule from the start. One that is
   * pending keeps its place and waits no longer (which raises the revision). False: not known.
   */
  resend(id: string): Promise<boolean>
  /**
   * Gives a pending delivery up, and makes the next one of its ordering key, should that be its head now, due at once. Raises the
   * revision. False: not known, or not pending.
   */
  cancel(id: string): Promise<boolean>
  /** What is stored about endpoints: those asked for, and all others that the ledger has ever known, in the order of their ids. */
  listEndpoints(ids?: readonly string[]): Promise<EndpointRecord[]>
  /** Attempts nothing more there; deliveries are accepted and wait. Raises the revision. */
  pauseEndpoint(id: string): Promise<void>
  /** Ends a pause and closes the circuit. Raises the revision. */
  resumeEndpoint(id: string): Promise<void>
}

/** Which deliveries to list. Everything given must hold. */
export interface DeliveryFilter {
  state?: DeliveryState | undefined
  endpointId?: string | undefined
  orderingKey?: string | undefined
  type?: string | undefined
  /** Accepted at this time or later, in milliseconds since 1970. */
  acceptedFrom?: number | undefined
  /** Accepted before this time. */
  acceptedBefore?: number | undefined
}

/** A page of a list, latest accepted or resent first. */
export interface DeliveryPage {
  deliveries: DeliveryRecord[]
  /** Give it with the same filter to get the next page; not there on the last one. */
  nextCursor?: string
}

/** What is stored about an endpoint. Times are milliseconds since 1970, by the ledger's clock. */
export interface EndpointRecord {
  id: string
  /** Whether a dispatcher that lives delivers to it. */
  isOwned: boolean
  paused?: { reason: PauseReason; since: number }
  /** Pending deliveries, those in flight included. */
  pending: number
  /** How long ago the oldest of them was accepted, in milliseconds. */
  oldestPendingAgeInMs?: number
  circuit: {
    state: 'closed' | 'open'
    since: number
    /** Until when nothing is attempted; then a few probes are. Only of one that is open. */
    until?: number
  }
  lastSuccessAt?: number
  lastFailureAt?: number
}
