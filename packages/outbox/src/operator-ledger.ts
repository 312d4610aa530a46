import type { AttemptRecord, DeliveryRecord, DeliveryState } from './delivery.ts'
import type { PauseReason } from './endpoint-control.ts'

/** What operators call. An id that is not known is an answer (`undefined`, `false`), not an error. */
export interface OperatorLedger {
  listDeliveries(filter: DeliveryFilter, page: PageRequest): Promise<DeliveryPage>
  /** How many match, `limit` at most. */
  countDeliveries(filter: DeliveryFilter, limit: number): Promise<number>
  getDelivery(id: string): Promise<{ delivery: DeliveryRecord; attempts: AttemptRecord[] } | undefined>
  /**
   * Makes a delivery pending again. It gets a new number, so it is the last of its ordering key, and its retry schedule
   * starts again. A pending or held delivery keeps its place and waits no longer, and the revision is raised. A held
   * one starts its schedule again. It resolves to false if the delivery is not known.
   */
  resend(id: string): Promise<boolean>
  /**
   * Gives up a pending or held delivery. If it is the head of its ordering key, the next delivery becomes due at once.
   * It raises the revision. It resolves to false if the delivery is not known, or neither pending nor held.
   */
  cancel(id: string): Promise<boolean>
  /** What is stored about endpoints: those asked for, and all others that the ledger has ever known, in the order of their ids. */
  listEndpoints(ids?: readonly string[], request?: EndpointListRequest): Promise<EndpointRecord[]>
  /**
   * How attempts ended, by endpoint and minute, oldest first, from the minute of `from` on. They are kept for a week.
   */
  listOutcomes(from: number): Promise<OutcomeRecord[]>
  /** Attempts nothing more there; deliveries are accepted and wait. Raises the revision. */
  pauseEndpoint(id: string): Promise<void>
  /** Ends a pause and closes the circuit. Raises the revision. */
  resumeEndpoint(id: string): Promise<void>
  /**
   * A text that is another one after something was accepted, attempted or decided, by any process; it costs little, and may be asked for every second. It
   * may also be another one when nothing was.
   */
  readVersion(): Promise<string>
  /** The ledger's own time, in milliseconds since 1970. */
  readTime(): Promise<number>
}

/** Which page of a list. */
export interface PageRequest {
  limit: number
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined
  /** The other way round: first accepted or resent first. */
  oldestFirst?: boolean | undefined
  /**
   * How many of the latest numbers, from the cursor on, are looked at, whatever matches. The page may then have fewer than `limit` deliveries and a
   * `nextCursor`. Not with `oldestFirst`.
   */
  lookAtMost?: number | undefined
}

/** What is asked about endpoints. */
export interface EndpointListRequest {
  /** Where counting ends: a count that is as large means that many or more. Default: nowhere. */
  countLimit?: number | undefined
}

/** How the attempts of one minute at one endpoint ended. */
export interface OutcomeRecord {
  endpointId: string
  /** When the minute began, in milliseconds since 1970. */
  minute: number
  /** Attempts that delivered. */
  delivered: number
  /** Attempts that failed. */
  failed: number
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
  /** Those with one of these ids. */
  ids?: readonly string[] | undefined
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
  /** Deliveries that are held. */
  held: number
  /** How long ago the oldest pending one was accepted, in milliseconds. */
  oldestPendingAgeInMs?: number
  /** Deliveries whose every attempt failed. */
  exhausted: number
  circuit: {
    state: 'closed' | 'open'
    since: number
    /** When the next probes are made. Until then nothing is attempted. Only an open circuit has it. */
    until?: number
  }
  lastSuccessAt?: number
  lastFailureAt?: number
}
