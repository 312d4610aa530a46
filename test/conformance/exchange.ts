import { request as send, type ClientRequest } from 'node:http'

/** A request as it goes over the wire: nothing is added to it but `host` and `connection: close`. */
export interface WireRequest {
  method?: string
  path?: string
  headers: readonly (readonly [name: string, value: string])[]
  /** Written one after the other. */
  chunks?: readonly (Uint8Array | string)[]
  /** The request is left open: the answer must come without its end. */
  unfinished?: boolean
}

/** What came back. */
export interface Answer {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: string
}

/** Sends a request and waits for the answer. */
export async function exchange(port: number, request: WireRequest): Promise<Answer> {
  const { client, answer } = open(port, request)
  if (!request.unfinished) client.end()
  try {
    return await answer
  } finally {
    client.destroy()
  }
}

/** Sends a request and leaves it open, for a test that goes away in the middle of it. */
export function open(
  port: number,
  { method = 'POST', path = '/automation', headers, chunks = [] }: WireRequest,
): { client: ClientRequest; answer: Promise<Answer> } {
  const client = send({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: [['host', `127.0.0.1:${port}`], ['connection', 'close'], ...headers].flat(),
  })
  const { promise: answer, resolve, reject } = Promise.withResolvers<Answer>()
  client.on('error', reject)
  client.on('response', (response) => {
    const body: Buffer[] = []
    response.on('error', reject)
    response.on('data', (chunk: Buffer) => body.push(chunk))
    response.on('end', () => {
      const { statusCode = 0, headers: responseHeaders } = response
      resolve({ status: statusCode, headers: responseHeaders, body: Buffer.concat(body).toString() })
    })
  })
  client.flushHeaders()
  for (const chunk of chunks) client.write(chunk)
  return { client, answer }
}
