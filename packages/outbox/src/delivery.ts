/**
 * What has become of one record at one endpoint; exactly one of these at any time:
 * - `pending`: accepted, and neither delivered nor given up; it waits for its turn, its time, or its endpoint;
 * - `delivered`: the endpoint took it;
 * - `exhausted`: every attempt of the retry schedule failed;
 * - `canceled`: somebody said that it shall not be delivered.
 */
export type DeliveryState = 'pending' | 'delivered' | 'exhausted' | 'canceled'

/** What is handed over to be delivered to one endpoint. */
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
  /** When the first attempt may be made, in milliseconds since 1970. */
  readyAt: number
  /** Milliseconds since 1970. */
  acceptedAt: number
}

/** A delivery as it is looked up. Times are milliseconds since 1970. */
export interface DeliveryRecord {
  id: string
  endpointId: string
  orderingKey: string
  type: string
  payload: string
  idempotencyKey?: string
  state: DeliveryState
  acceptedAt: number
  /** How many attempts have been made, before a resend and after. */
  attemptCount: number
  /** When the next attempt may be made; only of the first one pending of its ordering key. */
  readyAt?: number
  /** Whether an attempt is under way. */
  isInFlight: boolean
  /** Whether it is to be canceled when the attempt that is under way has ended without success. */
  isCancelRequested: boolean
  /** When it was delivered, exhausted or canceled. */
  settledAt?: number
}

/** One attempt, as it is looked up. */
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
