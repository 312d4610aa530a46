import type { IncomingMessage } from 'node:http'

/** A request, read to its end. */
export interface ReadRequest {
  method: string
  /** Path and query. */
  url: string
  headers: Record<string, string>
  body: Buffer
}

// Far beyond any event: what is larger is cut, and so refused.
const mostBytes = 1_048_576

/** Reads a request; `undefined` when it breaks off. */
export async function readRequest(request: IncomingMessage): Promise<ReadRequest | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (length < mostBytes) chunks.push(chunk)
      length += chunk.length
    }
  } catch {
    return undefined
  }
  const headers: Record<string, string> = {}
  for (const [name, values = []] of Object.entries(request.headersDistinct)) headers[name] = values.join(', ')
  return { method: request.method ?? '', url: request.url ?? '/', headers, body: Buffer.concat(chunks) }
}
