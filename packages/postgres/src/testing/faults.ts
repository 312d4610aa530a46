import { createOutbox, type AttemptReport, type EndpointSpec } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { onTestFinished } from 'vitest'

/** An endpoint whose attempts last until a test ends them. */
export interface TestEndpoint extends EndpointSpec {
  /** What it answers at once from now on. */
  answer: (() => AttemptReport) | undefined
  /** All that were made, in their order. */
  attempts: { id: string; end: () => void }[]
  inFlight: Set<{ end: () => void }>
  /** The ids of all attempts, in the order they were made. */
  attempted: () => string[]
}

/** A report of an attempt that was delivered. */
export const delivered: AttemptReport = { outcome: 'delivered', durationInMs: 1, status: 204 }

/** An outbox on a ledger, started, to the endpoint `one`; it is stopped with the test. */
export async function startDelivering(ledger: Ledger): Promise<TestEndpoint> {
  const endpoint = createTestEndpoint()
  const outbox = createOutbox({ ledger, endpoints: [endpoint] })
  onTestFinished(() => outbox.stop({ timeoutInMs: 0 }))
  await outbox.start()
  return endpoint
}

function createTestEndpoint(): TestEndpoint {
  const endpoint: TestEndpoint = {
    id: 'one',
    maxConcurrency: 4,
    retryScheduleInMs: [0, 1000],
    answer: undefined,
    attempts: [],
    inFlight: new Set(),
    attempted: () => endpoint.attempts.map(({ id }) => id),
    async attempt({ id }, signal) {
      const { promise, resolve } = Promise.withResolvers<AttemptReport>()
      const attempt = { id, end: () => resolve(delivered) }
      endpoint.attempts.push(attempt)
      endpoint.inFlight.add(attempt)
      signal.addEventListener('abort', () => resolve({ outcome: 'retry', durationInMs: 1 }))
      if (endpoint.answer !== undefined) resolve(endpoint.answer())
      const report = await promise
      endpoint.inFlight.delete(attempt)
      return report
    },
  }
  return endpoint
}

/** Whether all these are delivered, as the ledger has it. */
export async function areDelivered(ledger: Ledger, ...ids: readonly string[]): Promise<boolean> {
  const found = await Promise.all(ids.map((id) => ledger.operate.getDelivery(id)))
  return found.every((each) => each?.delivery.state === 'delivered')
}
