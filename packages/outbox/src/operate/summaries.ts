import type { AttemptRecord, DeliveryRecord } from '../delivery.ts'
import type { EndpointControl, EndpointRecord, OutcomeRecord } from '../ledger.ts'
import type {
  AttemptSummary,
  DeliverySummary,
  EndpointOutcomes,
  EndpointStatus,
  WaitsFor,
} from './operators.ts'

/** What a delivery's summary takes from elsewhere than its record. */
export interface SummaryContext {
  control: EndpointControl | undefined
  /** Whether its attempt is under way in this process. */
  isInFlight: boolean
}

/** What a delivery waits for; `undefined` when it is not pending. */
function explainWait(record: DeliveryRecord, { control, isInFlight }: SummaryContext): WaitsFor | undefined {
  if (record.state !== 'pending') return undefined
  if (isInFlight) return 'in-flight'
  if (!record.isHead) return record.isBehindHeld ? 'held' : 'turn'
  if (control?.paused !== undefined) return 'paused'
  if (!record.isOwned) return 'dispatcher'
  // There only as long as it is ahead, by the ledger's clock.
  if (record.readyAt !== undefined) return 'retry'
  return control?.circuit === undefined ? 'in-flight' : 'circuit'
}

/** A delivery as operators see it. */
export function summarizeDelivery(record: DeliveryRecord, context: SummaryContext): DeliverySummary {
  const { id, endpointId, orderingKey, type, state, acceptedAt, attemptCount } = record
  const { lastAttempt, settledAt, idempotencyKey, readyAt } = record
  const waitsFor = explainWait(record, context)
  return {
    id,
    endpointId,
    orderingKey,
    type,
    state,
    acceptedAt: new Date(acceptedAt),
    attemptCount,
    ...(waitsFor !== undefined && { waitsFor }),
    ...(waitsFor === 'retry' && readyAt !== undefined && { nextAttemptAt: new Date(readyAt) }),
    ...(lastAttempt && { lastAttempt }),
    ...(settledAt !== undefined && { settledAt: new Date(settledAt) }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}

/** An attempt as operators see it. */
export function summarizeAttempt({ startedAt, nextAttemptAt, ...record }: AttemptRecord): AttemptSummary {
  return {
    ...record,
    startedAt: new Date(startedAt),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: new Date(nextAttemptAt) }),
  }
}

/** An endpoint as operators see it. */
export function summarizeEndpoint(record: EndpointRecord, isConfigured: boolean): EndpointStatus {
  const { id, isOwned, paused, pending, held, oldestPendingAgeInMs, exhausted } = record
  const { circuit, lastSuccessAt, lastFailureAt } = record
  return {
    id,
    isConfigured,
    isDispatched: isOwned,
    ...(paused && { paused: { reason: paused.reason, since: new Date(paused.since) } }),
    pending,
    held,
    ...(oldestPendingAgeInMs !== undefined && { oldestPendingAgeInMs }),
    exhausted,
    circuit: {
      state: circuit.state,
      since: new Date(circuit.since),
      ...(circuit.until !== undefined && { until: new Date(circuit.until) }),
    },
    ...(lastSuccessAt !== undefined && { lastSuccessAt: new Date(lastSuccessAt) }),
    ...(lastFailureAt !== undefined && { lastFailureAt: new Date(lastFailureAt) }),
  }
}

/** The outcomes of a minute as operators see them. */
export function summarizeOutcomes({ minute, ...record }: OutcomeRecord): EndpointOutcomes {
  return { ...record, minute: new Date(minute) }
}
