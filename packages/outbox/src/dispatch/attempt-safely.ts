import type { AttemptReport } from '../delivery.ts'
import type { ReadDelivery } from '../ledger.ts'
import type { EndpointSpec } from './endpoint-spec.ts'

/**
 * Makes one attempt; should the endpoint's function reject, or resolve to no report, that is a failed one, reported as `attempt_threw`.
 */
export async function attemptSafely(
  { attempt }: Pick<EndpointSpec, 'attempt'>,
  delivery: ReadDelivery,
  { signal, now }: { signal: AbortSignal; now: () => number },
): Promise<AttemptReport> {
  const startedAt = now()
  try {
    const report: unknown = await attempt(delivery, signal)
    if (isReport(report)) return report
    throw new TypeError('the attempt resolved to no report: outcome and durationInMs are needed')
  } catch (error) {
    return {
      outcome: 'retry',
      durationInMs: now() - startedAt,
      errorCode: 'attempt_threw',
      errorMessage: error instanceof Error ? error.message : String(error),
    }
  }
}

const outcomes: readonly unknown[] = ['delivered', 'retry', 'gone'] satisfies AttemptReport['outcome'][]

/** What the ledger could not hold would be tried for ever, and with it what else is settled in that commit. */
function isReport(value: unknown): value is AttemptReport {
  if (typeof value !== 'object' || value === null) return false
  const {
    outcome,
    durationInMs,
    status,
    errorCode,
    errorMessage,
    response,
    retryAfterInMs,
  }: Partial<Record<keyof AttemptReport, unknown>> = value
  return (
    outcomes.includes(outcome) &&
    Number.isFinite(durationInMs) &&
    (status === undefined || Number.isSafeInteger(status)) &&
    (errorCode === undefined || typeof errorCode === 'string') &&
    (errorMessage === undefined || typeof errorMessage === 'string') &&
    (response === undefined || typeof response === 'object') &&
    (retryAfterInMs === undefined || (typeof retryAfterInMs === 'number' && !Number.isNaN(retryAfterInMs)))
  )
}
