import { validateHeaderName, validateHeaderValue } from 'node:http'

/** What every request of the sender says itself, and what HTTP/1.1 keeps for the connection and the framing. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'webhook-id',
  'webhook-key-id',
  'webhook-signature',
  'webhook-timestamp',
  'x-signature',
])

/** What is wrong with a configured header, as an expectation ("must …"), or `undefined` when it can be sent. */
export function headerProblem(name: string, value: string): string | undefined {
  if (reservedHeaders.has(name.toLowerCase()))
    return 'must be left out: the sender or HTTP itself sets this header'
  if (refuses(() => validateHeaderName(name))) {
    return "must have a header's name: letters, digits and !#$%&'*+-.^_`|~ only"
  }
  if (refuses(() => validateHeaderValue(name, value))) {
    return 'must be a string without line breaks, other control characters and characters above U+00FF'
  }
  return undefined
}

function refuses(validate: () => void): boolean {
  try {
    validate()
    return false
  } catch {
    return true
  }
}
