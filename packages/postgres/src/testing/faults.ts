import { createOutbox } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { createTestEndpoint, type TestEndpoint } from '@taskhook/outbox/testing'
import { onTestFinished } from 'vitest'

/** An outbox on a ledger, started, to the endpoint `one`, whose attempts last until a test ends them; it is stopped with the test. */
export async function startDelivering(ledger: Ledger): Promise<TestEndpoint> {
  const endpoint = createTestEndpoint()
  const outbox = createOutbox({ ledger, endpoints: [endpoint] })
  onTestFinished(() => outbox.stop({ timeoutInMs: 0 }))
  await outbox.start()
  return endpoint
}

/** Whether all these are delivered, as the ledger has it. */
export async function areDelivered(ledger: Ledger, ...ids: readonly string[]): Promise<boolean> {
  const found = await Promise.all(ids.map((id) => ledger.operate.getDelivery(id)))
  return found.every((each) => each?.delivery.state === 'delivered')
}
