import { signedRequest } from '@taskhook/core/testing'
import { secret } from './secret.ts'

/** What {@link wireRequests} makes. */
interface WireRequestsOptions {
  count: number
  standardWebhooks: boolean
  /** Makes the id of a webhook. Default: a random UUID. */
  createId?: () => string
}

/** Signed requests as they go over the wire, each of another task and, with the Standard Webhooks headers, of another id. */
export function wireRequests({ count, standardWebhooks, createId }: WireRequestsOptions): string[] {
  return Array.from({ length: count }, () => {
    const { method, url, headers, body } = signedRequest({
      secret,
      standardWebhooks,
      ...(createId && { id: createId() }),
    })
    const all = {
      host: '127.0.0.1',
      ...headers,
      'user-agent': 'taskhook/0.0.0',
      'content-length': body.length,
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    return `${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
  })
}
