import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { pipeline } from 'node:stream'

/** An address whose server may start later. */
export interface TcpForwarder extends AsyncDisposable {
  url: string
  forwardTo(url: string): void
}

/**
 * Gives the automation service its address before it runs: it has to know the receivers, and they have to know it, and
 * each listens on a port that is known only then.
 */
export async function openTcpForwarder(): Promise<TcpForwarder> {
  let port: number | undefined
  const sockets = new Set<Socket>()
  const server = createServer((incoming) => {
    if (port === undefined) return void incoming.destroy()
    const outgoing = connect(port, '127.0.0.1')
    for (const socket of [incoming, outgoing]) {
      socket.setNoDelay()
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    // Both ways, and when one side breaks off, so does the other.
    pipeline(incoming, outgoing, incoming, () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${address.port}`,
    forwardTo(url) {
      port = Number(new URL(url).port)
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
