import { onTestFinished } from 'vitest'
import { createEndpoint, type EndpointOptions } from './create-endpoint.ts'
import type { Delivery } from './delivery.ts'
import type { Endpoint } from './endpoint.ts'
import type { WebHookOptions } from './web-hook-config.ts'

/** A delivery for tests that do not depend on what is delivered. */
export const delivery: Delivery = { id: 'msg_1', taskId: '07c6ad8c', eventType: 'OrderAccepted' }

/** An enabled endpoint that is closed with the test. */
export async function startEndpoint(
  url: string,
  config: WebHookOptions = {},
  options?: EndpointOptions,
): Promise<Endpoint> {
  const endpoint = await createEndpoint({ ...config, enabled: true, endpoint: url }, options)
  onTestFinished(() => endpoint.close())
  return endpoint
}
