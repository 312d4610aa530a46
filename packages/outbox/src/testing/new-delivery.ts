import type { NewDelivery } from '../delivery.ts'

/** When the tests of a ledger take place, in milliseconds since 1970. */
export const startOfTime: number = Date.UTC(2026, 10, 24)

/** What is the same in all deliveries unless a test says otherwise: of task `a` to `one`, due at once. */
export function newDelivery(id: string, given: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id,
    endpointId: 'one',
    orderingKey: 'a',
    type: 'OrderSigned',
    payload: `{"delivery":"${id}"}`,
    ...given,
  }
}

/** Deliveries of those ids, each of an ordering key of its own, which is its id. */
export function newDeliveries(ids: Iterable<string>, given: Partial<NewDelivery> = {}): NewDelivery[] {
  return Array.from(ids, (id) => newDelivery(id, { orderingKey: id, ...given }))
}
