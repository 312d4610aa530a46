import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a server that a test can cut, see {@link startForwarder}. */
export interface Forwarder {
  /** The server's URL, by this way. */
  url: string
  /** Resets all connections. */
  cut(): void
  /**
   * Keeps what comes on all connections to itself, new ones too, and closes none: all of it, or only what the server says. It is
   * never passed on.
   */
  swallow(what: 'answers' | 'everything'): void
  /** Passes on what comes on new connections, to this server from now on. Those that were there before stay as they are. */
  restore(url?: string): void
}

type Swallowed = 'answers' | 'everything' | 'nothing'

/** Forwards TCP connections to a server, until the test is over. */
export async function startForwarder(serverUrl: string): Promise<Forwarder> {
  let target = new URL(serverUrl)
  let ways: { sockets: Socket[]; swallowed: Swallowed }[] = []
  let swallowed: Swallowed = 'nothing'

  // Half open: one end that closes gets no answer from a way that swallows everything.
  const forwarder = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true })
    const way = { sockets: [client, server], swallowed }
    ways.push(way)
    client.on('data', (chunk) => void (way.swallowed !== 'everything' && server.write(chunk)))
    server.on('data', (chunk) => void (way.swallowed === 'nothing' && client.write(chunk)))
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => {})
      socket.on('end', () => void (way.swallowed === 'nothing' && other.end()))
      socket.on('close', () => void (way.swallowed === 'nothing' && other.destroy()))
    }
  }).listen(0, '127.0.0.1')
  await once(forwarder, 'listening')

  function cut(): void {
    for (const { sockets } of ways) for (const socket of sockets) socket.resetAndDestroy()
    ways = []
  }

  onTestFinished(() => {
    cut()
    forwarder.close()
  })
  const url = new URL(serverUrl)
  url.port = String((forwarder.address() as AddressInfo).port)
  return {
    url: url.href,
    cut,
    swallow(what) {
      swallowed = what
      for (const way of ways) way.swallowed = what
    },
    restore(newUrl = target.href) {
      target = new URL(newUrl)
      swallowed = 'nothing'
    },
  }
}
