import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { AttemptResult } from '../attempt/attempt-result.ts'
import { createEndpoint, type EndpointOptions } from '../endpoint/create-endpoint.ts'
import type { Delivery } from '../endpoint/delivery.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { startRawReceiver } from './receiver.ts'
import type { WebHookOptions } from '../config/web-hook/config.ts'

/** A delivery for tests that do not depend on what is delivered. */
export const delivery: Delivery = { id: 'msg_1', taskId: '07c6ad8c', eventType: 'OrderAccepted' }

/** Timeouts to wait for. */
export const shortTimeouts = { connectionTimeout: 'PT0.2S', responseTimeout: 'PT0.2S' } as const

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

/** What comes of one attempt at an endpoint of its own. */
export async function attemptAt(
  url: string,
  config?: WebHookOptions,
  options?: EndpointOptions,
): Promise<AttemptResult> {
  return (await startEndpoint(url, config, options)).deliver(delivery)
}

/** What comes of an attempt at a receiver that writes `bytes`, and goes on as `next` says. */
export async function answeredWith(
  bytes: string,
  next: (socket: Socket) => void = () => {},
): Promise<AttemptResult> {
  const { url } = await startRawReceiver((socket) => {
    socket.write(bytes, () => next(socket))
  })
  return attemptAt(url, shortTimeouts)
}
