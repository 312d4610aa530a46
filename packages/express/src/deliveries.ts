import type { ReceivedDelivery } from '@taskhook/core'

/** By request, the delivery that it has claimed: from `verifyWebhook` to the error middleware. */
export const deliveries: WeakMap<object, ReceivedDelivery> = new WeakMap()
