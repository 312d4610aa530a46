import { OptionError } from './option-error.ts'

/** Headers as Node.js has them, or as Fetch has them; names in any case. */
export type WebhookHeaders = HeaderRecord | HeadersLike

/** Headers by name, as `IncomingMessage.headers` has them. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>

/** What is needed of a Fetch `Headers`. */
export interface HeadersLike {
  get(name: string): string | null
}

/** The headers that verification reads; several of one name are joined with a comma (RFC 9110 section 5.3). */
export interface ReadHeaders {
  contentType: string | undefined
  signature: string | undefined
  standardId: string | undefined
  standardTimestamp: string | undefined
  standardSignature: string | undefined
}

/**
 * Picks out the headers that verification reads, in one pass.
 *
 * @throws OptionError when they are no headers.
 */
export function readHeaders(headers: WebhookHeaders): ReadHeaders {
  if (typeof headers !== 'object' || headers === null) {
    throw new OptionError(
      'headers',
      'must be the headers of the request: an object by name, or the Headers of Fetch',
    )
  }
  return isHeadersLike(headers) ? readFetchHeaders(headers) : readHeaderRecord(headers)
}

function readFetchHeaders(headers: HeadersLike): ReadHeaders {
  return {
    contentType: headers.get('content-type') ?? undefined,
    signature: headers.get('x-signature') ?? undefined,
    standardId: headers.get('webhook-id') ?? undefined,
    standardTimestamp: headers.get('webhook-timestamp') ?? undefined,
    standardSignature: headers.get('webhook-signature') ?? undefined,
  }
}

function readHeaderRecord(headers: HeaderRecord): ReadHeaders {
  const read: ReadHeaders = {
    contentType: undefined,
    signature: undefined,
    standardId: undefined,
    standardTimestamp: undefined,
    standardSignature: undefined,
  }
  for (const name in headers) {
    // Lengths first: most headers are none of the five, and this is on every request's path.
    const { length } = name
    if (length < 10 || length > 17) continue
    const value = headers[name]
    if (value === undefined) continue
    switch (name.toLowerCase()) {
      case 'content-type':
        read.contentType = join(read.contentType, value)
        break
      case 'x-signature':
        read.signature = join(read.signature, value)
        break
      case 'webhook-id':
        read.standardId = join(read.standardId, value)
        break
      case 'webhook-timestamp':
        read.standardTimestamp = join(read.standardTimestamp, value)
        break
      case 'webhook-signature':
        read.standardSignature = join(read.standardSignature, value)
        break
    }
  }
  return read
}

function join(before: string | undefined, value: string | readonly string[]): string {
  const text = typeof value === 'string' ? value : joinAll(value)
  return before === undefined ? text : `${before}, ${text}`
}

function isHeadersLike(headers: WebhookHeaders): headers is HeadersLike {
  return typeof headers.get === 'function'
}

function joinAll(values: readonly string[]): string {
  if (Array.isArray(values)) return values.join(', ')
  throw new OptionError('headers', 'must have values that are strings or arrays of strings')
}
