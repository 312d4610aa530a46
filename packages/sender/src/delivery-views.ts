import type { AttemptRecord, DeliveryRecord, EndpointRecord } from '@taskhook/outbox'
import type { AttemptSummary, DeliverySummary, EndpointStatus } from './sender.ts'

/** A delivery as operators see it. */
export function toDeliverySummary({
  orderingKey: taskId,
  type: eventType,
  payload: _payload,
  acceptedAt,
  readyAt,
  settledAt,
  ...record
}: DeliveryRecord): DeliverySummary {
  return {
    ...record,
    taskId,
    eventType,
    acceptedAt: new Date(acceptedAt),
    ...(readyAt !== undefined && { nextAttemptAt: new Date(readyAt) }),
    ...(settledAt !== undefined && { settledAt: new Date(settledAt) }),
  }
}

/** An attempt as operators see it. */
export function toAttemptSummary({ startedAt, nextAttemptAt, ...record }: AttemptRecord): AttemptSummary {
  return {
    ...record,
    startedAt: new Date(startedAt),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: new Date(nextAttemptAt) }),
  }
}

/** An endpoint as operators see it. */
export function toEndpointStatus(
  { id, paused, pending, oldestPendingAt, circuit, lastSuccessAt, lastFailureAt }: EndpointRecord,
  { isConfigured, now }: { isConfigured: boolean; now: number },
): EndpointStatus {
  return {
    id,
    isConfigured,
    ...(paused && { paused: { reason: paused.reason, since: new Date(paused.since) } }),
    pending,
    ...(oldestPendingAt !== undefined && { oldestPendingAgeInMs: Math.max(0, now - oldestPendingAt) }),
    circuit: { state: circuit.state, since: new Date(circuit.since) },
    ...(lastSuccessAt !== undefined && { lastSuccessAt: new Date(lastSuccessAt) }),
    ...(lastFailureAt !== undefined && { lastFailureAt: new Date(lastFailureAt) }),
  }
}
