import { createSigner, OptionError, TaskhookError, type SignatureHeaders } from '@taskhook/core'
import { Pool } from 'undici'
import { attempt, type AttemptContext } from '../attempt/attempt.ts'
import type { AttemptResult } from '../attempt/attempt-result.ts'
import { createAttemptsUnderWay } from '../attempt/under-way.ts'
import { createConcealKey } from '../attempt/conceal-key.ts'
import type { EndpointSettings } from '../config/endpoint-settings.ts'
import { createTlsOptions } from '../tls/tls-options.ts'
import { toHintContext } from './hint-context.ts'
import { warnOfTrustAll } from '../tls/trust-all-warning.ts'
import { createConnector } from './connector.ts'
import { userAgent } from './user-agent.ts'

/** What is posted. */
interface PostedMessage {
  /** The delivery's, the same at each attempt: `webhook-id`. Visible ASCII without a dot. */
  id: string
  /** The bytes that are signed and sent; a string is its UTF-8. */
  body: Uint8Array | string
  /** Ends the attempt at once: outcome `retry` with code `aborted`. */
  signal?: AbortSignal | undefined
  /** Are sent too, for a trace's context; those of the sender itself win. */
  headers?: Readonly<Record<string, string>> | undefined
}

/** Posts to one endpoint what it is given, byte for byte. The endpoint below `createEndpoint` and `createSender`. */
export interface Poster {
  readonly id: string
  /** Where is posted to, with the key: not for logs. */
  readonly url: URL
  /**
   * Makes exactly one attempt; what network and receiver do is its result.
   *
   * @throws OptionError when the id is invalid.
   * @throws TaskhookError with code `endpoint_closed` after {@link Poster.close}. Both at once, not as a rejection.
   */
  post(message: PostedMessage): Promise<AttemptResult>
  /** Lets the attempts that are under way end, each within its `responseTimeout`, and closes the connections. */
  close(): Promise<void>
}

/** What {@link createPoster} takes beside the settings. */
export interface PosterOptions {
  /** The clock, in milliseconds since 1970, of signatures and `Retry-After`. Default `Date.now`. */
  now?: () => number
}

// RFC 9110 sets no limit; this is that of Node.js, written down so that a command-line option does not change it.
const maxHeaderSizeInBytes = 16_384

/**
 * Makes the connections and the signer of one endpoint. Key stores are read and checked here.
 *
 * @throws KeyStoreError when a key store cannot be used.
 */
export async function createPoster(
  settings: EndpointSettings,
  { now = Date.now }: PosterOptions = {},
): Promise<Poster> {
  const { id, key, responseTimeoutInMs, secret, url } = settings
  const isTls = url.protocol === 'https:'
  const connector = createConnector({
    connectionTimeoutInMs: settings.connectionTimeoutInMs,
    denyPrivateNetworks: settings.denyPrivateNetworks,
    ...(isTls && { tls: await createTlsOptions(settings.tls) }),
  })
  if (isTls && settings.tls.useSslTrustAll) warnOfTrustAll()

  const pool = new Pool(url.origin, {
    connect: connector.connect,
    connections: settings.maxConcurrency,
    pipelining: 1,
    maxHeaderSize: maxHeaderSizeInBytes,
    // The attempt has a deadline of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const underWay = createAttemptsUnderWay(responseTimeoutInMs)
  const context: AttemptContext = {
    dispatcher: pool,
    isConnecting: connector.isConnecting,
    responseTimeoutInMs,
    underWay,
    result: {
      now,
      conceal: key === undefined ? undefined : createConcealKey(key),
      ...toHintContext(settings),
    },
  }
  const path = `${url.pathname}${url.search}`
  const ownHeaders = [
    ...Object.entries(settings.headers),
    ['content-type', 'application/json'],
    ['user-agent', userAgent],
  ].flat()
  const sign = secret === undefined ? undefined : createSigner(secret)

  function toHeaders(deliveryId: string, body: Uint8Array, more: PostedMessage['headers']): string[] {
    const headers = ownHeaders.slice()
    if (sign !== undefined) {
      const signatures = sign({ id: deliveryId, sentAt: new Date(now()), body })
      for (const name in signatures) headers.push(name, signatures[name as keyof SignatureHeaders] as string)
    }
    if (more !== undefined) addMoreHeaders(headers, more)
    return headers
  }

  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await underWay.ended()
    // In this order: the pool would take a connection that fails for a reason to make another.
    const isDestroyed = pool.destroy()
    connector.destroy()
    await isDestroyed
  }

  return {
    id,
    url,
    post({ id: deliveryId, body: posted, signal, headers: more }) {
      if (closing) throw new TaskhookError('endpoint_closed', `endpoint ${id} is closed`)
      if (typeof deliveryId !== 'string' || deliveryId === '')
        throw new OptionError('id', 'must not be empty')
      const body = typeof posted === 'string' ? Buffer.from(posted) : posted
      return attempt({ path, headers: toHeaders(deliveryId, body, more), body }, context, signal)
    },
    close: () => (closing ??= close()),
  }
}

/** Adds what is not there already, whatever its case. Mostly there is nothing to add: no trace, or no OpenTelemetry. */
function addMoreHeaders(headers: string[], more: Readonly<Record<string, string>>): void {
  let names: Set<string> | undefined
  for (const [name, value] of Object.entries(more)) {
    names ??= new Set(headers.filter((_text, index) => index % 2 === 0).map((known) => known.toLowerCase()))
    if (!names.has(name.toLowerCase())) headers.push(name, value)
  }
}
