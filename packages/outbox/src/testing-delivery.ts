import type { NewDelivery } from './delivery.ts'

/** When the tests of a ledger take place, in milliseconds since 1970. */
export const startOfTime: number = Date.UTC(2026, 10, 24)

/** What is the same in all deliveries unless a test says otherwise: of task `a` to `one`, due at {@link startOfTime}. */
export function newDelivery(id: string, given: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id,
    endpointId: 'one',
    orderingKey: 'a',
    type: 'OrderSigned',
    payload: `{"delivery":"${id}"}`,
    readyAt: startOfTime,
    acceptedAt: startOfTime,
    ...given,
  }
}
