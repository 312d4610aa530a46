import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { request as send } from 'undici'

/** A request to send. */
export interface SentRequest {
  headers: Record<string, string>
  body: string
}

/** A request as a server of Node.js has it. */
export interface ReceivedRequest {
  headers: IncomingHttpHeaders
  url: string
  body: Buffer
}

// What a proxy in front of a receiver adds.
const proxyHeaders = {
  accept: '*/*',
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-host': 'www.example.org',
  'x-forwarded-proto': 'https',
  'x-request-id': '3f0c2a8e-6a5f-4a55-9d0b-6b1c1b0f3e11',
}

/** Sends the requests over HTTP, and returns them as they arrive, so that what is measured gets real headers and bytes. */
export async function receiveRequests(requests: readonly SentRequest[]): Promise<ReceivedRequest[]> {
  const received: ReceivedRequest[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    received.push({ headers: request.headers, url: request.url ?? '', body: await buffer(request) })
    response.writeHead(204).end()
  }
  const server = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const { headers, body } of requests) {
    const response = await send(`http://127.0.0.1:${port}/automation`, {
      method: 'POST',
      headers: { 'user-agent': 'taskhook/0.0.0', ...headers, ...proxyHeaders },
      body,
      reset: true,
    })
    await response.body.dump()
  }
  server.close()
  return received
}
