import type { DeliveryState } from '@taskhook/outbox'

/** All states, as a filter offers them. */
export const deliveryStates: readonly DeliveryState[] = [
  'pending',
  'delivered',
  'exhausted',
  'held',
  'canceled',
]
