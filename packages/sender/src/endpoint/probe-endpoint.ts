import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { AttemptErrorCode } from '../attempt/attempt-error.ts'
import { createConcealKey } from '../attempt/conceal-key.ts'
import { describeFailure } from '../attempt/to-attempt-result.ts'
import { toEndpointSettings, type EndpointSettings } from '../config/endpoint-settings.ts'
import { validateEndpoint } from '../config/validate-config.ts'
import type { WebHookConfig } from '../config/web-hook/config.ts'
import { summarizeCertificate, type CertificateSummary } from '../tls/certificate-summary.ts'
import { createTlsOptions } from '../tls/tls-options.ts'
import { createConnector, type Connector } from './connector.ts'
import { toHintContext } from './hint-context.ts'

/** What came of connecting to an endpoint, see {@link probeEndpoint}. */
export type EndpointProbe = ReachedEndpoint | UnreachedEndpoint

/** There is a connection. */
export interface ReachedEndpoint {
  reached: true
  durationInMs: number
  /** With `https:`: what the server showed. */
  tls?: {
    /** As OpenSSL names it: `TLSv1.3`. */
    protocol: string
    certificate: CertificateSummary
    /** Whether the certificate was verified; false with `useSslTrustAll`. */
    verified: boolean
  }
}

/** There is none. */
export interface UnreachedEndpoint {
  reached: false
  durationInMs: number
  errorCode: AttemptErrorCode
  /** The network's error, and what to do about it. It contains no secret and no `key`. */
  errorMessage: string
}

// TLS 1.3 lets a client finish its handshake before the server has looked at its certificate, or at whether it has one (RFC 8446
// section 4.4.2), so a refusal arrives later. A server that accepts usually says so with a session ticket; one that has none says nothing.
const verdictTimeoutInMs = 1000

/**
 * Connects to an endpoint as a delivery would, TLS and client certificate included, and hangs up. No request is sent, so
 * the receiver's application notices nothing.
 *
 * @throws ConfigError when the configuration is invalid.
 * @throws OptionError when it has no `endpoint`.
 * @throws KeyStoreError when a key store cannot be used.
 * @example
 * const probe = await probeEndpoint(config)
 * if (!probe.reached) console.log(probe.errorCode, probe.errorMessage)
 */
export async function probeEndpoint(config: WebHookConfig): Promise<EndpointProbe> {
  const settings = toEndpointSettings(validateEndpoint(config))
  const { connectionTimeoutInMs, denyPrivateNetworks, key, tls, url } = settings
  const isTls = url.protocol === 'https:'
  const connector = createConnector({
    connectionTimeoutInMs,
    denyPrivateNetworks,
    ...(isTls && { tls: await createTlsOptions(tls) }),
  })
  const startedAt = performance.now()
  try {
    const socket = await connect(connector, url)
    const durationInMs = performance.now() - startedAt
    if (!(socket instanceof TLSSocket)) return hangUp(socket, { reached: true, durationInMs })
    const shown = readTls(socket)
    if (shown.protocol === 'TLSv1.3') await verdict(socket)
    return hangUp(socket, { reached: true, durationInMs, tls: shown })
  } catch (error) {
    return {
      reached: false,
      durationInMs: performance.now() - startedAt,
      ...describe(error as Error, settings, key),
    }
  }
}

function connect(connector: Connector, { hostname, port, protocol }: URL): Promise<Socket> {
  // An IPv6 address is in brackets in a URL alone.
  const target = { hostname: hostname.replace(/^\[(.*)\]$/, '$1'), port, protocol }
  return new Promise((resolve, reject) => {
    connector.connect(target, (error, socket) => {
      if (error === null) resolve(socket)
      else reject(error)
    })
  })
}

function verdict(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, verdictTimeoutInMs)
    const end = (then: () => void) => (): void => {
      clearTimeout(timer)
      then()
    }
    socket
      .once('session', end(resolve))
      .once('error', (error) => end(() => reject(error))())
      .once(
        'close',
        end(() => reject(connectionEnded())),
      )
      .resume()
  })
}

function connectionEnded(): Error {
  return Object.assign(new Error('the receiver ended the connection'), { code: 'ECONNRESET' })
}

function readTls(socket: TLSSocket): NonNullable<ReachedEndpoint['tls']> {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) throw new Error('the server presented no certificate')
  return {
    protocol: socket.getProtocol() ?? '',
    certificate: summarizeCertificate(certificate),
    verified: socket.authorized,
  }
}

function hangUp<Probe>(socket: Socket, probe: Probe): Probe {
  socket.destroy()
  return probe
}

function describe(
  error: Error,
  settings: EndpointSettings,
  key: string | undefined,
): Pick<UnreachedEndpoint, 'errorCode' | 'errorMessage'> {
  const conceal = key === undefined ? undefined : createConcealKey(key)
  const { errorCode = 'network_error', errorMessage = '' } = describeFailure(
    { error },
    { ...toHintContext(settings), conceal },
  )
  return { errorCode, errorMessage }
}
