import type { AttemptReport } from '@taskhook/outbox'
import { isTimeout } from './is-timeout.ts'

// The outbox waits a second for a call that has taken too long. This is after that, so it has no effect but on telemetry.
const graceInMs = 1500

/**
 * Ends an attempt whose handler never ends, some time after the outbox has given it up. Otherwise its span would never
 * end.
 */
export async function endWithSignal(
  attempt: Promise<AttemptReport>,
  signal: AbortSignal,
): Promise<AttemptReport> {
  const startedAt = performance.now()
  const { promise: givenUp, resolve } = Promise.withResolvers<AttemptReport>()
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    if (!isTimeout(signal)) return
    timer = setTimeout(() => {
      const durationInMs = performance.now() - startedAt
      resolve({ outcome: 'retry', durationInMs, errorCode: 'attempt_timeout' })
    }, graceInMs).unref()
  }
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([attempt, givenUp])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
