import { expect, onTestFinished } from 'vitest'
import type { AttemptReport } from '../delivery.ts'
import type { EndpointSpec } from '../dispatch/endpoint-spec.ts'
import type { ReadDelivery } from '../ledger.ts'

/** An attempt that was made. */
interface TestAttempt {
  delivery: ReadDelivery
  signal: AbortSignal
  /** Ends it, once; as delivered if nothing else is said. */
  end(report?: AttemptReport): void
  /** Rejects instead. */
  fail(error: unknown): void
}

/** An endpoint that keeps the attempts made at it. A test fails when two of one ordering key were made at once. */
export interface TestEndpoint extends EndpointSpec {
  attempts: TestAttempt[]
  /** Those that have not ended. */
  inFlight: Set<TestAttempt>
  /** The ids of all attempts, in the order they were made. */
  attempted(): string[]
  /** Whether its attempts go on when they are aborted. */
  ignoresSignal: boolean
  /** What it answers at once from now on; without one, attempts last until they are ended. */
  answer: ((attempt: TestAttempt) => AttemptReport) | undefined
}

/** A report of an attempt that was delivered. */
export const delivered: AttemptReport = { outcome: 'delivered', durationInMs: 1, status: 204 }

const aborted: AttemptReport = { outcome: 'retry', durationInMs: 1, errorCode: 'aborted' }

/** A report of an attempt that was answered so. */
export function answered(status: number, given: Partial<AttemptReport> = {}): AttemptReport {
  return { outcome: status === 410 ? 'gone' : 'retry', durationInMs: 1, status, ...given }
}

/** A report of an attempt that got no answer. */
export function unanswered(errorCode = 'connect_refused'): AttemptReport {
  return { outcome: 'retry', durationInMs: 1, errorCode }
}

/** An endpoint called `one` that takes four at once and gets two attempts, unless a test says otherwise. */
export function createTestEndpoint(
  given: Partial<EndpointSpec> & Pick<Partial<TestEndpoint>, 'answer' | 'ignoresSignal'> = {},
): TestEndpoint {
  const attempts: TestAttempt[] = []
  const inFlight = new Set<TestAttempt>()
  const twoAtOnce: string[] = []
  // Not thrown where it is seen: that would be one more attempt that failed.
  onTestFinished(() => expect(twoAtOnce, 'two at once of an ordering key').toEqual([]))
  const endpoint: TestEndpoint = {
    id: 'one',
    maxConcurrency: 4,
    retryScheduleInMs: [0, 1000],
    answer: undefined,
    ignoresSignal: false,
    ...given,
    attempts,
    inFlight,
    attempted: () => attempts.map(({ delivery }) => delivery.id),
    async attempt(delivery, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<AttemptReport>()
      const attempt: TestAttempt = {
        delivery,
        signal,
        end: (report = delivered) => resolve(report),
        fail: reject,
      }
      for (const other of inFlight) {
        if (other.delivery.orderingKey !== delivery.orderingKey || other.signal.aborted) continue
        twoAtOnce.push(`${other.delivery.id} and ${delivery.id}`)
      }
      attempts.push(attempt)
      inFlight.add(attempt)
      if (!endpoint.ignoresSignal) signal.addEventListener('abort', () => attempt.end(aborted))
      try {
        if (endpoint.answer !== undefined) attempt.end(endpoint.answer(attempt))
        return await promise
      } finally {
        inFlight.delete(attempt)
      }
    },
  }
  return endpoint
}
