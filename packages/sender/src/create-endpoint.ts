import { createSigner, encodeTaskEvent, OptionError, TaskhookError } from '@taskhook/core'
import { Pool } from 'undici'
import { attempt, type AttemptContext, type AttemptRequest } from './attempt.ts'
import type { AttemptResult } from './attempt-result.ts'
import { createConnector } from './connector.ts'
import type { Delivery } from './delivery.ts'
import { resolveDuration } from './duration.ts'
import { endpointUrl } from './endpoint-url.ts'
import type { Endpoint } from './endpoint.ts'
import { createTlsOptions } from './tls-options.ts'
import { warnOfTrustAll } from './trust-all-warning.ts'
import { userAgent } from './user-agent.ts'
import { validateConfig } from './validate-config.ts'
import type { WebHookConfig } from './web-hook-config.ts'
import { withoutKey } from './without-key.ts'

/** What {@link createEndpoint} takes beside the configuration. */
export interface EndpointOptions {
  /** The clock, in milliseconds since 1970, of signatures and `Retry-After`. Default `Date.now`. */
  now?: () => number
}

// RFC 9110 sets no limit; this is that of Node.js, written down so that a command-line option does not change it.
const maxHeaderSizeInBytes = 16_384

/**
 * Makes the endpoint of one `webHook` section. Key stores are read and checked here, so that what is wrong with them is
 * known before the first event. Servers are verified only with `useSslTrustAll: false`; otherwise, for `https:`, the
 * process warns once with code `TASKHOOK_TLS_TRUST_ALL`.
 *
 * @throws ConfigError when the configuration is invalid.
 * @throws OptionError when it has no `endpoint`. Whether it is `enabled` is for the caller to heed.
 * @throws KeyStoreError when a key store cannot be used.
 * @example
 * const endpoint = await createEndpoint({ enabled: true, endpoint: 'https://www.example.org/automation', secret })
 * const result = await endpoint.deliver({ id: 'msg_1', taskId: '07c6ad8c', eventType: 'OrderSigned' })
 * if (result.outcome === 'retry') console.log(result.status ?? result.errorCode)
 * await endpoint.close()
 */
export async function createEndpoint(
  config: WebHookConfig,
  { now = Date.now }: EndpointOptions = {},
): Promise<Endpoint> {
  const resolved = validateConfig(config)
  const { endpoint, id, key } = resolved
  if (endpoint === undefined || id === undefined) throw new OptionError('endpoint', 'must be set')

  const url = endpointUrl({ endpoint, ...(key !== undefined && { key }) })
  const isTls = url.protocol === 'https:'
  const connector = createConnector({
    connectionTimeoutInMs: resolveDuration(resolved.connectionTimeout),
    denyPrivateNetworks: resolved.denyPrivateNetworks,
    ...(isTls && { tls: await createTlsOptions(resolved) }),
  })
  if (isTls && resolved.useSslTrustAll) warnOfTrustAll()

  const pool = new Pool(url.origin, {
    connect: connector.connect,
    connections: resolved.maxConcurrency,
    pipelining: 1,
    maxHeaderSize: maxHeaderSizeInBytes,
    // The attempt has a timer of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const context: AttemptContext = {
    dispatcher: pool,
    isConnecting: connector.isConnecting,
    responseTimeoutInMs: resolveDuration(resolved.responseTimeout),
    now,
  }
  const path = `${url.pathname}${url.search}`
  const headers = { ...resolved.headers, 'content-type': 'application/json', 'user-agent': userAgent }
  const sign = resolved.secret === undefined ? undefined : createSigner(resolved.secret)

  function requestOf(delivery: Delivery, more?: Readonly<Record<string, string>>): AttemptRequest {
    const { id: deliveryId } = delivery
    if (typeof deliveryId !== 'string' || deliveryId === '') throw new OptionError('id', 'must not be empty')
    const body = Buffer.from(encodeTaskEvent(delivery))
    const signature = sign?.({ id: deliveryId, sentAt: new Date(now()), body })
    return { path, headers: { ...more, ...headers, ...signature }, body }
  }

  const underWay = new Set<Promise<AttemptResult>>()
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await Promise.all(underWay)
    // In this order: the pool would take a connection that fails for a reason to make another.
    const isDestroyed = pool.destroy()
    connector.destroy()
    await isDestroyed
  }

  return {
    id,
    url,
    async deliver(delivery, { signal, headers: more } = {}) {
      if (closing) throw new TaskhookError('endpoint_closed', `endpoint ${id} is closed`)
      const attempting = attempt(requestOf(delivery, more), context, signal)
      underWay.add(attempting)
      try {
        const result = await attempting
        return key === undefined ? result : withoutKey(result, key)
      } finally {
        underWay.delete(attempting)
      }
    },
    close: () => (closing ??= close()),
  }
}
