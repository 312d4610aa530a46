import { createDispatcher, type Ledger } from '@taskhook/outbox'
import { onTestFinished, vi } from 'vitest'
import { createTestEndpoint, type TestEndpoint } from '../../outbox/src/testing-attempts.ts'

/** Waits for something that real servers bring about; long enough for a machine that is busy with other things. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 20 })
}

/** A dispatcher of a ledger, started, to the endpoint `one`; it is stopped with the test. */
export async function startDelivering(ledger: Ledger): Promise<TestEndpoint> {
  const endpoint = createTestEndpoint()
  const dispatcher = createDispatcher({ ledger, endpoints: [endpoint] })
  onTestFinished(() => dispatcher.stop({ timeoutInMs: 0 }))
  await dispatcher.start()
  return endpoint
}

/** Whether all these are delivered, as the ledger has it. */
export async function areDelivered(ledger: Ledger, ...ids: readonly string[]): Promise<boolean> {
  const found = await Promise.all(ids.map((id) => ledger.getDelivery(id)))
  return found.every((each) => each?.delivery.state === 'delivered')
}
