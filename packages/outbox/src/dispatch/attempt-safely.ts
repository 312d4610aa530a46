import type { Clock } from '../clock.ts'
import type { AttemptReport } from '../delivery.ts'
import type { ReadDelivery } from '../ledger.ts'
import type { AttemptContext, EndpointSpec } from './endpoint-spec.ts'

/** An attempt that was made. */
export interface MadeAttempt {
  report: AttemptReport
  /** Whether it was given up while its function still ran. */
  isAbandoned: boolean
}

/** What an attempt is made with. */
export interface AttemptSafelyOptions {
  signal: AbortSignal
  clock: Clock
  context: AttemptContext
}

// For one that heeds its signal and has something to end, a request or a file.
const graceInMs = 1000

/**
 * Makes one attempt. If the endpoint's function rejects, or resolves to no report, the attempt has failed with
 * `attempt_threw`. If it takes longer than the endpoint allows, it has failed with `attempt_timeout`, unless it
 * delivers in the time that it has to end.
 */
export async function attemptSafely(
  spec: Pick<EndpointSpec, 'attempt' | 'attemptTimeoutInMs'>,
  delivery: ReadDelivery,
  { signal, clock, context }: AttemptSafelyOptions,
): Promise<MadeAttempt> {
  const { attemptTimeoutInMs } = spec
  if (attemptTimeoutInMs === undefined) {
    return { report: await attemptOnce(spec, delivery, { signal, clock, context }), isAbandoned: false }
  }
  const startedAt = clock.now()
  const controller = new AbortController()
  // Not AbortSignal.any(): what that leaves at a signal which lives for days is not collected by every version of Node.js.
  const abort = (): void => controller.abort(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  let isLate = false
  const { promise: late, resolve: giveUp } = Promise.withResolvers<undefined>()
  let cancel = clock.after(attemptTimeoutInMs, () => {
    isLate = true
    controller.abort(new DOMException('the attempt took too long', 'TimeoutError'))
    cancel = clock.after(graceInMs, () => giveUp(undefined))
  })
  try {
    const running = attemptOnce(spec, delivery, { signal: controller.signal, clock, context })
    const report = await Promise.race([running, late])
    if (report !== undefined && (!isLate || report.outcome === 'delivered')) {
      return { report, isAbandoned: false }
    }
    const timeout: AttemptReport = {
      outcome: 'retry',
      durationInMs: clock.now() - startedAt,
      errorCode: 'attempt_timeout',
      errorMessage: `the attempt took longer than ${attemptTimeoutInMs} ms`,
    }
    return { report: timeout, isAbandoned: report === undefined }
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
  }
}

async function attemptOnce(
  spec: Pick<EndpointSpec, 'attempt'>,
  delivery: ReadDelivery,
  { signal, clock, context }: AttemptSafelyOptions,
): Promise<AttemptReport> {
  const startedAt = clock.now()
  try {
    const report: unknown = await spec.attempt(delivery, signal, context)
    if (isReport(report)) return report
    throw new TypeError('the attempt resolved to no report: it must have outcome and durationInMs')
  } catch (error) {
    return {
      outcome: 'retry',
      durationInMs: clock.now() - startedAt,
      errorCode: 'attempt_threw',
      errorMessage: error instanceof Error ? error.message : String(error),
    }
  }
}

const outcomes: readonly unknown[] = ['delivered', 'retry', 'gone'] satisfies AttemptReport['outcome'][]

/**
 * A record that the ledger cannot store would be tried again without end, and with it everything that is settled in the
 * same commit.
 */
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
