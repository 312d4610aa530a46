import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { noteMountPath } from './http/mount-path.ts'

/** A request as Express and Connect hand it on: with the address before a router has cut its own path off. */
interface MountedMessage extends IncomingMessage {
  originalUrl?: string
  /** The body that a parser has read before, if there was one. */
  body?: unknown
}

/** A listener for `http.createServer`, and a middleware for Express. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

const bodyLimitInBytes = 64 * 1024

/**
 * Mounts a dashboard where there is `node:http` below: as the listener of a server, as a middleware of Express, or on Fastify's raw
 * request. The path that Express has mounted it on is found by itself.
 *
 * @example
 * app.use('/webhooks', nodeListener(dashboard)) // Express
 * @example
 * createServer(nodeListener(dashboard)).listen(8080, '127.0.0.1')
 */
export function nodeListener(dashboard: (request: Request) => Promise<Response>): NodeListener {
  return (message, response, next) => {
    answer(dashboard, message, response).catch((error: unknown) => {
      if (next !== undefined && !response.headersSent) return next(error)
      // The client is gone, or there is no one to tell: the connection ends.
      response.destroy()
    })
  }
}

async function answer(
  dashboard: (request: Request) => Promise<Response>,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const aborted = new AbortController()
  response.once('close', () => aborted.abort())
  const body = await readBody(message)
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end()
    return
  }
  const { status, headers, body: answered } = await dashboard(toRequest(message, body, aborted.signal))
  for (const [name, value] of headers) response.setHeader(name, value)
  response.writeHead(status)
  if (answered === null || message.method === 'HEAD') {
    await answered?.cancel()
    response.end()
    return
  }
  // So that the first event of a stream does not wait for the second one.
  response.flushHeaders()
  await pipeline(Readable.fromWeb(answered as ReadableStream<Uint8Array>), response)
}

function toRequest(message: MountedMessage, body: string, signal: AbortSignal): Request {
  const { method = 'GET', url = '/', originalUrl = url } = message
  const headers = new Headers()
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const [name, value] = [message.rawHeaders[index]!, message.rawHeaders[index + 1]!]
    // The pseudo-headers of HTTP/2 are no headers.
    if (!name.startsWith(':')) headers.append(name, value)
  }
  const host = headers.get('host') ?? message.headers[':authority'] ?? 'localhost'
  const scheme = 'encrypted' in message.socket ? 'https' : 'http'
  const target = URL.parse(`${scheme}://${String(host)}${originalUrl}`) ?? new URL('http://localhost/')
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const request = new Request(target, { method, headers, signal, ...(hasBody && { body }) })
  const mountPath = findMountPath(originalUrl, url)
  if (mountPath !== undefined) noteMountPath(request, mountPath)
  return request
}

/** What a router has cut off the path; `undefined` when there was none. */
function findMountPath(originalUrl: string, url: string): string | undefined {
  const [full = '', rest = ''] = [originalUrl, url].map((one) => one.replace(/\?.*$/s, ''))
  // Express hands on "/" for the path of the mount itself, with a slash behind it or without.
  if (rest === '/' && !full.endsWith('/')) return full
  return full !== rest && full.endsWith(rest) ? full.slice(0, -rest.length) : undefined
}

/** The body as text, of a form as it was parsed before too; `undefined` when it is too long. */
async function readBody(message: MountedMessage): Promise<string | undefined> {
  if (message.method === 'GET' || message.method === 'HEAD') return ''
  const { body: parsed } = message
  if (message.readableEnded && typeof parsed === 'object' && parsed !== null) {
    return Buffer.isBuffer(parsed)
      ? parsed.toString()
      : new URLSearchParams(parsed as Record<string, string>).toString()
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message) {
    length += (chunk as Buffer).length
    if (length > bodyLimitInBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}
