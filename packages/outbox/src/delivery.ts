/**
 * What has become of one record at one endpoint; exactly one of these at any time:
 * - `pending`: accepted, and neither delivered nor given up. It waits for its turn, its time, or its endpoint;
 * - `delivered`: the endpoint took it;
 * - `exhausted`: every attempt of the retry schedule failed;
 * - `held`: the same, where its endpoint says that those after it of its ordering key wait until an operator has resent or canceled it;
 * - `canceled`: an operator gave it up.
 */
export type DeliveryState = 'pending' | 'delivered' | 'exhausted' | 'held' | 'canceled'

/** What a ledger accepts: one record for one endpoint. */
export interface NewDelivery {
  /** Its own among all deliveries; the same at every attempt and after a resend. */
  id: string
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
  /** How long the first attempt waits, in milliseconds. Default 0. */
  delayInMs?: number | undefined
}

/** A delivery as it is looked up. Times are milliseconds since 1970, by the ledger's clock. */
export interface DeliveryRecord {
  id: string
  endpointId: string
  orderingKey: string
  type: string
  payload: string
  idempotencyKey?: string
  context?: string
  state: DeliveryState
  acceptedAt: number
  /** How many attempts have been made, before a resend and after. */
  attemptCount: number
  /** Whether it is the first one of its ordering key at its endpoint that is pending or held. */
  isHead: boolean
  /** Whether it is pending behind one that is held. */
  isBehindHeld: boolean
  /** When a pending delivery may be attempted at the earliest; not there when that is at once. */
  readyAt?: number
  /** Whether a dispatcher owns the partition that it is in: without one, nothing attempts it. */
  isOwned: boolean
  lastAttempt?: { status?: number; errorCode?: string }
  /** When it was delivered, exhausted, held or canceled. */
  settledAt?: number
}

/** One attempt, as it is looked up. Times are milliseconds since 1970, by the ledger's clock. */
export interface AttemptRecord {
  /** 1 for the first one of a delivery. */
  number: number
  startedAt: number
  durationInMs: number
  outcome: AttemptOutcome
  status?: number
  errorCode?: string
  errorMessage?: string
  response?: AttemptResponseRecord
  /** When the next attempt was planned for then; not there after the last one. */
  nextAttemptAt?: number
}

/** What is kept of an answer. */
export interface AttemptResponseRecord {
  headers: Record<string, string>
  excerpt: string
  truncated: boolean
}

/** What an attempt means: it is done; try again; or the endpoint wants nothing more. */
export type AttemptOutcome = 'delivered' | 'retry' | 'gone'

/** What an endpoint's function resolves to. */
export interface AttemptReport {
  outcome: AttemptOutcome
  durationInMs: number
  status?: number
  errorCode?: string
  errorMessage?: string
  response?: AttemptResponseRecord
  /** The least that is waited before the next attempt. */
  retryAfterInMs?: number
}
