import { encodeTaskEvent, OptionError } from '@taskhook/core'
import type { Sender } from './sender.ts'

/** The sender of a configuration that has nothing enabled: it takes events and delivers none, and opens no outbox. */
export function createDisabledSender(): Sender {
  return {
    start: async () => {},
    stop: async () => {},
    [Symbol.asyncDispose]: async () => {},
    async send(event) {
      // So that what is wrong with an event does not wait for the day it is enabled.
      encodeTaskEvent(event)
      return { deliveryIds: [] }
    },
    deliveries: {
      list: async () => ({ deliveries: [] }),
      get: async () => undefined,
      resend: async () => false,
      resendAll: async () => ({ resent: 0 }),
      cancel: async () => false,
    },
    endpoints: { list: async () => [], pause: noEndpoint, resume: noEndpoint },
  }
}

async function noEndpoint(): Promise<never> {
  throw new OptionError('id', 'must be the id of an endpoint, and none is enabled')
}
