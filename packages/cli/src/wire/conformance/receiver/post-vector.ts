import { once } from 'node:events'
import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { VectorRequest } from '@taskhook/contract'

/** Where vectors are posted to. */
export interface Target {
  url: URL
  headers: readonly (readonly [name: string, value: string])[]
  /** Accept any certificate. */
  trustAll: boolean
}

/** What a receiver answered, or why there is no answer. */
export type Answer =
  | { status: number }
  /** `unreached`: there was no connection. `closed`: it ended without an answer. `silent`: no answer in time. */
  | { failure: 'unreached' | 'closed' | 'silent'; detail: string }

// What a sender of the service waits by default.
const timeoutInMs = 30_000
const mostBytes = 65_536

/** Writes the body of a request, whole or in part. */
type WriteBody = (client: ClientRequest, body: Buffer) => void

/** Posts a request byte for byte, on a connection of its own. */
export function postVector(vector: VectorRequest, target: Target, signal: AbortSignal): Promise<Answer> {
  return post(vector, target, signal, (client, body) => client.end(body))
}

/** Posts the first bytes of a request, and ends the connection before the body does. */
export function postUnfinished(vector: VectorRequest, target: Target, signal: AbortSignal): Promise<Answer> {
  return post(vector, target, signal, (client, body) => {
    // Its end is half a close: an answer may still come.
    client.write(body.subarray(0, 10), () => client.socket?.end())
  })
}

async function post(
  vector: VectorRequest,
  target: Target,
  signal: AbortSignal,
  writeBody: WriteBody,
): Promise<Answer> {
  const body = Buffer.from(vector.bodyBase64, 'base64')
  const timeout = AbortSignal.timeout(timeoutInMs)
  const client = open(vector, target, { length: body.length, signal: AbortSignal.any([signal, timeout]) })
  writeBody(client, body)
  return readAnswer(client, timeout)
}

function open(
  { method, url, headers }: VectorRequest,
  target: Target,
  { length, signal }: { length: number; signal: AbortSignal },
): ClientRequest {
  const isTls = target.url.protocol === 'https:'
  return (isTls ? requestHttps : requestHttp)({
    protocol: target.url.protocol,
    // Without the brackets of an IPv6 address.
    hostname: target.url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: target.url.port,
    path: url,
    method,
    agent: false,
    signal,
    ...(isTls && { rejectUnauthorized: !target.trustAll }),
    headers: [
      ['host', target.url.host],
      ['content-length', String(length)],
      ['connection', 'close'],
      ...headers,
      ...target.headers,
    ].flat(),
  })
}

async function readAnswer(client: ClientRequest, timeout: AbortSignal): Promise<Answer> {
  let connected = false
  client.once('socket', (socket) => socket.once('connect', () => (connected = true)))
  // What comes after the answer is no matter.
  client.on('error', () => {})
  try {
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    await drain(response)
    return { status: response.statusCode ?? 0 }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (timeout.aborted)
      return { failure: connected ? 'silent' : 'unreached', detail: 'no answer within 30 s' }
    return { failure: connected && !isOfTls(code) ? 'closed' : 'unreached', detail: code ?? message }
  } finally {
    client.destroy()
  }
}

function isOfTls(code: string | undefined): boolean {
  return code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO|^ERR_(TLS|SSL)|^EPROTO$/.test(code)
}

/** Reads an answer's body to its end, or as far as is bearable: the status is known. */
async function drain(response: IncomingMessage): Promise<void> {
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > mostBytes) return
    }
  } catch {
    // Cut short, and the status came before.
  }
}
