import type { AttemptRecord, DeliveryRecord, DeliveryState, NewDelivery } from './delivery.ts'

/** What became of a delivery that was handed over: accepted under its id, or known already under another. */
export interface Acceptance {
  id: string
  /** Whether an earlier delivery with the same idempotency key was found instead. */
  isRepeat: boolean
}

/** The right to attempt one delivery, until its time ends or somebody else gets the next one. */
export interface Lease {
  /** The delivery's id. */
  id: string
  /** Rises with every lease of the delivery. Whoever comes back with an older one changes nothing. */
  token: number
}

/** A delivery that was claimed: everything an attempt needs. */
export interface Claim extends Lease {
  endpointId: string
  orderingKey: string
  type: string
  payload: string
  acceptedAt: number
  /** Attempts since it was accepted or resent: where it is in its retry schedule. */
  tries: number
}

/** Which deliveries to claim: heads of their ordering keys, due, of one endpoint. */
export interface ClaimRequest {
  endpointId: string
  limit: number
  /** Who claims; see {@link Ledger.recover}. */
  owner: string
  now: number
  leaseEndsAt: number
}

/** How an attempt ended, to be written down. */
export interface Settlement {
  lease: Lease
  attempt: Omit<AttemptRecord, 'number'>
  /** What the delivery becomes. `pending` needs {@link readyAt}. */
  state: 'pending' | 'delivered' | 'exhausted'
  readyAt?: number
  now: number
}

/** Why an endpoint is not delivered to. */
export type PauseReason = 'operator' | 'gone'

/** What is stored about an endpoint. Times are milliseconds since 1970. */
export interface EndpointRecord {
  id: string
  paused?: { reason: PauseReason; since: number }
  /** Pending deliveries, those in flight included. */
  pending: number
  /** When the oldest of them was accepted. */
  oldestPendingAt?: number
  circuit: { state: 'closed' | 'open' | 'half-open'; since: number }
  lastSuccessAt?: number
  lastFailureAt?: number
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

/** A page of a list, latest accepted first. */
export interface DeliveryPage {
  deliveries: DeliveryRecord[]
  /** Give it with the same filter to get the next page; not there on the last one. */
  nextCursor?: string
}

/**
 * Where deliveries are kept: the operations that the dispatcher and operators need, and no more. Every method that
 * writes resolves when the change is committed to stable storage, or rejects with an `OutboxError` and has changed nothing.
 *
 * Ids come from the caller, and so does the time: milliseconds since 1970. A ledger that several machines share may have a clock
 * of its own instead; it takes every other time as that far from `now`.
 *
 * @typeParam T What the application's own transaction is written through.
 */
export interface Ledger<T = unknown> {
  /** Accepts deliveries, all or none, in this order. */
  enqueue(deliveries: readonly NewDelivery[]): Promise<Acceptance[]>
  /** The same within the application's transaction: what that becomes, these become. */
  enqueueWithin(transaction: T, deliveries: readonly NewDelivery[]): Promise<Acceptance[]>

  /** Leases up to `limit` deliveries whose turn and time it is, longest due first. */
  claim(request: ClaimRequest): Promise<Claim[]>
  /** Writes down how an attempt ended and lets the next one of its ordering key through; false when the lease was lost. */
  settle(settlement: Settlement): Promise<boolean>
  /** Makes leases last longer; resolves to those that had not been lost. */
  renew(leases: readonly Lease[], leaseEndsAt: number, now: number): Promise<Lease[]>
  /** Gives back what was claimed and not attempted. */
  release(leases: readonly Lease[], now: number): Promise<void>
  /** Gives back everything leased by owners who are not alive; resolves to how many. */
  recover(isAlive: (owner: string) => boolean, now: number): Promise<number>
  /** When the next delivery of an endpoint falls due, leases that end included; `undefined` when nothing will. */
  nextReadyAt(endpointId: string, now: number): Promise<number | undefined>
  /**
   * Tells of what others have accepted, resent, given back, canceled, paused or resumed, within 100 ms; returns what ends it. A
   * ledger may tell of more.
   */
  onChange(listener: () => void): () => void

  /** What is stored about endpoints: those asked for, and all others that the ledger has ever known. */
  listEndpoints(ids: readonly string[]): Promise<EndpointRecord[]>
  /** Which of the endpoints are paused. */
  listPaused(): Promise<string[]>
  pauseEndpoint(id: string, reason: PauseReason, now: number): Promise<void>
  resumeEndpoint(id: string, now: number): Promise<void>
  /** Notes the state of an endpoint's circuit, for operators. */
  noteCircuit(id: string, circuit: EndpointRecord['circuit']): Promise<void>

  listDeliveries(
    filter: DeliveryFilter,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<DeliveryPage>
  getDelivery(id: string): Promise<{ delivery: DeliveryRecord; attempts: AttemptRecord[] } | undefined>
  /** Makes a delivery pending anew, last of its ordering key; one that is pending is tried at once. False: not known. */
  resend(id: string, now: number): Promise<boolean>
  /** Cancels a pending delivery, or once the attempt under way has failed. False: not pending. */
  cancel(id: string, now: number): Promise<boolean>
  /**
   * Deletes up to `limit` deliveries that were delivered before a time, longest delivered first; resolves to how many. A ledger that
   * keeps them by the day deletes whole days, and those alone that ended before.
   */
  purge(deliveredBefore: number, limit: number): Promise<number>

  close(): Promise<void>
}
