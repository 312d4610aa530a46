import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer, type ServerOptions } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as a {@link startReceiver} got it. */
export interface ReceivedRequest {
  request: IncomingMessage
  body: Buffer
}

/** A server on a port of its own that is stopped with the test. */
export interface Receiver {
  url: string
  port: number
  /** How many connections there have been. */
  connectionCount: () => number
}

/** Listens on 127.0.0.1 until the test is over, and destroys what is connected then. */
async function listen(server: Server, protocol = 'http'): Promise<Receiver> {
  const sockets = new Set<Socket>()
  let connectionCount = 0
  server.on('connection', (socket: Socket) => {
    connectionCount += 1
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return { url: `${protocol}://127.0.0.1:${port}/automation`, port, connectionCount: () => connectionCount }
}

/** An HTTP receiver, over TLS if there are options for it; the requests it got are kept. */
export async function startReceiver(
  listener: RequestListener = (_request, response) => response.end(),
  tls?: ServerOptions,
): Promise<Receiver & { requests: ReceivedRequest[] }> {
  const requests: ReceivedRequest[] = []
  const record: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .once('end', () => {
        requests.push({ request, body: Buffer.concat(chunks) })
        listener(request, response)
      })
  }
  const server = tls === undefined ? createHttpServer(record) : createHttpsServer(tls, record)
  // So that only the side that sends closes a connection that is idle.
  server.keepAliveTimeout = 600_000
  return { ...(await listen(server, tls === undefined ? 'http' : 'https')), requests }
}

/** A receiver that keeps its answers back until `answer` is called. */
export interface HoldingReceiver extends Receiver {
  requests: ReceivedRequest[]
  /** Resolves when the first request is there. */
  arrived: Promise<void>
  /** Answers all that wait. */
  answer: () => void
}

/** See {@link HoldingReceiver}. */
export async function startHoldingReceiver(): Promise<HoldingReceiver> {
  const held: ServerResponse[] = []
  const arrived = Promise.withResolvers<void>()
  const receiver = await startReceiver((_request, response) => {
    held.push(response)
    arrived.resolve()
  })
  return {
    ...receiver,
    arrived: arrived.promise,
    answer: () => held.splice(0).forEach((response) => response.end()),
  }
}

/** A receiver that is nothing but TCP: `onRequest` is called when the first bytes are there. */
export async function startRawReceiver(onRequest: (socket: Socket) => void): Promise<Receiver> {
  return listen(
    createTcpServer((socket) => {
      socket.once('data', () => onRequest(socket)).resume()
    }),
  )
}
