import type { Clock } from './clock.ts'
import type { AttemptReport } from './delivery.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import type { Claim } from './ledger.ts'

/** Makes one attempt; should the endpoint's function reject, that is a failed one, reported as `attempt_threw`. */
export async function attemptSafely(
  delivery: Claim,
  signal: AbortSignal,
  { attempt, clock }: Pick<EndpointSpec, 'attempt'> & { clock: Clock },
): Promise<AttemptReport> {
  const startedAt = clock.now()
  try {
    return await attempt(delivery, signal)
  } catch (error) {
    return {
      outcome: 'retry',
      durationInMs: clock.now() - startedAt,
      errorCode: 'attempt_threw',
      errorMessage: error instanceof Error ? error.message : String(error),
    }
  }
}
