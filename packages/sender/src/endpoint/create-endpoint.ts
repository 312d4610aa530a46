import { checkOptions, encodeTaskEvent } from '@taskhook/core'
import { toEndpointSettings } from '../config/endpoint-settings.ts'
import { validateEndpoint } from '../config/validate-config.ts'
import type { WebHookConfig } from '../config/web-hook/config.ts'
import { createPoster } from './create-poster.ts'
import type { DeliverOptions, Endpoint } from './endpoint.ts'

/** What {@link createEndpoint} takes beside the configuration. */
export interface EndpointOptions {
  /** The clock, in milliseconds since 1970, of signatures and `Retry-After`. Default `Date.now`. */
  now?: () => number
}

/**
 * Makes the endpoint of one `webHook` section. Key stores are read and checked here, so that what is wrong with them is
 * known before the first event. Servers are verified only with `useSslTrustAll: false`; otherwise, for `https:`, the
 * process warns once with code `TASKHOOK_TLS_TRUST_ALL`.
 *
 * @throws ConfigError when the configuration is invalid.
 * @throws OptionError when it has no `endpoint`, or an option is not known. Whether it is `enabled` is for the caller
 * to heed.
 * @throws KeyStoreError when a key store cannot be used.
 * @example
 * const endpoint = await createEndpoint({ enabled: true, endpoint: 'https://www.example.org/automation', secret })
 * const result = await endpoint.deliver({ id: 'msg_1', taskId: '07c6ad8c', eventType: 'OrderSigned' })
 * if (result.outcome === 'retry') console.log(result.status ?? result.errorCode)
 * await endpoint.close()
 */
export async function createEndpoint(config: WebHookConfig, options?: EndpointOptions): Promise<Endpoint> {
  checkOptions<EndpointOptions>(options, { now: true })
  const poster = await createPoster(toEndpointSettings(validateEndpoint(config)), options)
  return {
    id: poster.id,
    url: poster.url,
    deliver(delivery, deliverOptions) {
      // Not an async function: a promise that only waits for another one costs three turns of the queue.
      try {
        checkOptions<DeliverOptions>(deliverOptions, knownDeliverOptions)
        // One by one, and not spread: an AbortController has its signal from its prototype.
        const { signal, headers } = deliverOptions ?? noOptions
        return poster.post({ id: delivery.id, body: encodeTaskEvent(delivery), signal, headers })
      } catch (error) {
        return Promise.reject(error)
      }
    },
    close: () => poster.close(),
  }
}

const noOptions: DeliverOptions = {}
const knownDeliverOptions = { signal: true, headers: true } as const
