import { once } from 'node:events'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { Answer } from './answerer.ts'
import type { ReadRequest } from './read-request.ts'

// Of one connection, not of the message: RFC 9110 section 7.6.1.
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Forwards a request with its exact body, and returns the answer. If the target URL has no path, the request's path is
 * kept. The request's query is always added. If the receiver cannot be reached, the answer is 502. It does not use
 * `fetch`, which refuses some ports and undoes content codings.
 */
export async function forward(
  { method, url, headers, body }: ReadRequest,
  to: URL,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const target = findTarget(url, to)
    const send = target.protocol === 'https:' ? requestHttps : requestHttp
    const request = send(target, {
      method,
      headers: { ...ofMessage(headers), 'content-length': body.length },
      signal,
    })
    request.end(body)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const answer = await buffer(response)
    return { status: response.statusCode ?? 502, headers: ofMessage(response.headers), body: answer }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return {
      status: 502,
      headers: {},
      body: '',
      failure: `the receiver cannot be reached (${code ?? message})`,
    }
  }
}

function findTarget(url: string, to: URL): URL {
  const requested = new URL(url, 'http://127.0.0.1')
  const target = new URL(to)
  if (target.pathname === '/') target.pathname = requested.pathname
  target.search = [target.search.slice(1), requested.search.slice(1)].filter(Boolean).join('&')
  return target
}

function ofMessage<Value>(headers: Readonly<Record<string, Value>>): Record<string, NonNullable<Value>> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => !ofConnection.has(name) && value !== undefined,
  )
  return Object.fromEntries(kept) as Record<string, NonNullable<Value>>
}
