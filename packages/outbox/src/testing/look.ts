import { expect } from 'vitest'
import type { AttemptRecord, DeliveryRecord } from '../delivery.ts'
import type { EndpointRecord, Ledger } from '../ledger.ts'

/** The record of a delivery that is there. */
export async function look(ledger: Ledger, id: string): Promise<DeliveryRecord> {
  return (await lookCloser(ledger, id)).delivery
}

/** The attempts of a delivery that is there. */
export async function lookAtAttempts(ledger: Ledger, id: string): Promise<AttemptRecord[]> {
  return (await lookCloser(ledger, id)).attempts
}

/** The record of an endpoint. */
export async function lookAtEndpoint(ledger: Ledger, id = 'one'): Promise<EndpointRecord> {
  const endpoint = (await ledger.operate.listEndpoints([id])).find((each) => each.id === id)
  expect(endpoint).toBeDefined()
  return endpoint!
}

async function lookCloser(
  ledger: Ledger,
  id: string,
): Promise<{ delivery: DeliveryRecord; attempts: AttemptRecord[] }> {
  const found = await ledger.operate.getDelivery(id)
  expect(found).toBeDefined()
  return found!
}

/** The ids of all deliveries, the first accepted or resent first. */
export async function listIds(ledger: Ledger): Promise<string[]> {
  const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 1000 })
  return idsOf(deliveries).toReversed()
}

/** The ids of what has one, in its order. */
export function idsOf(list: readonly { id: string }[]): string[] {
  return list.map(({ id }) => id)
}
