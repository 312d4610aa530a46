import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { buildConnector } from 'undici'
import { AttemptError } from '../attempt/attempt-error.ts'
import { isPrivateAddress } from './private-network.ts'
import { addressDenied, createPublicLookup } from './public-lookup.ts'
import type { TlsOptions } from '../tls/tls-options.ts'

// As undici has it: a peer that vanished without a word is noticed.
const keepAliveDelayInMs = 60_000

/** What connections to one endpoint need. */
export interface ConnectorOptions {
  connectionTimeoutInMs: number
  denyPrivateNetworks: boolean
  /** For `https:`. */
  tls?: TlsOptions
}

/** Makes the connections of a Pool. */
export interface Connector {
  connect: buildConnector.connector
  isConnecting: () => boolean
  /** Gives up the connections that are being made. */
  destroy: () => void
}

/**
 * Connects within the timeout, name lookup and TLS included. Instead of undici's own connector, whose timer is exact
 * to half a second and which leaves a socket that is being connected alone when its pool is destroyed.
 */
export function createConnector({
  connectionTimeoutInMs,
  denyPrivateNetworks,
  tls,
}: ConnectorOptions): Connector {
  const connecting = new Set<Socket>()
  const lookup = denyPrivateNetworks ? { lookup: createPublicLookup() } : {}
  let session: Buffer | undefined

  function open(hostname: string, port: number): Socket {
    const target = { host: hostname, port, ...lookup }
    if (tls === undefined) return connectTcp(target)
    return connectTls({
      ...target,
      ...tls,
      // RFC 6066 section 3: a name, never an address.
      servername: isIP(hostname) === 0 ? hostname : '',
      ALPNProtocols: ['http/1.1'],
      ...(session && { session }),
    }).on('session', (latest) => (session = latest))
  }

  return {
    connect({ hostname, port, protocol }, callback) {
      // An address in the URL is not looked up.
      if (denyPrivateNetworks && isIP(hostname) !== 0 && isPrivateAddress(hostname)) {
        return void setImmediate(callback, addressDenied(hostname), null)
      }
      const isTls = protocol === 'https:'
      const socket = open(hostname, Number(port) || (isTls ? 443 : 80))
        .setNoDelay(true)
        .setKeepAlive(true, keepAliveDelayInMs)
      const end = (): boolean => {
        clearTimeout(timer)
        return connecting.delete(socket)
      }
      const onTimeout = (): void => {
        if (connecting.has(socket)) socket.destroy(connectionTimeout(connectionTimeoutInMs))
      }
      // What came in while this process was busy is heard before the connection is given up.
      const timer = setTimeout(() => setImmediate(onTimeout), connectionTimeoutInMs)
      connecting.add(socket)
      socket
        .once(isTls ? 'secureConnect' : 'connect', () => {
          if (end()) callback(null, socket)
        })
        .on('error', (error) => {
          if (end()) callback(error, null)
          // With TLS 1.3, a server refuses a client after the handshake: first an error comes, then an end. undici
          // would report the end. So its listener gets the error, which stays the reason because no second event
          // follows.
          else socket.destroy(error)
        })
        .once('close', end)
    },
    isConnecting: () => connecting.size > 0,
    destroy() {
      for (const socket of connecting) socket.destroy()
    },
  }
}

function connectionTimeout(connectionTimeoutInMs: number): AttemptError {
  return new AttemptError('connection_timeout', `no connection within ${connectionTimeoutInMs} ms`)
}
