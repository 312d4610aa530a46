import type { Candidate } from './candidate.ts'
import { cause } from './causes.ts'

/** What is signed of a body: bytes before it, itself, bytes after it. */
export type Message = (body: Buffer) => Buffer

/** What may have been signed beside the body. */
export interface MessageContext {
  headers: Readonly<Record<string, string | undefined>>
  /** As it arrived, when it is known. */
  url: string | undefined
}

const around =
  (before: string, after = ''): Message =>
  (body) =>
    before === '' && after === '' ? body : Buffer.concat([Buffer.from(before), body, Buffer.from(after)])

// Headers whose values are signed by the schemes that there are: Stripe, Slack, and whatever is made after them.
const signedHeader = /time|date|nonce|(?:^|[-_])id$/
const separators = ['.', ':', '', '\n', '|', '&', ' ']
const secondsBesides = 10

/** The messages that a signature may be of, the right one for its header first. */
export function listMessages(
  kind: 'x-signature' | 'webhook-signature',
  { headers, url }: MessageContext,
): Candidate<Message>[] {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  const isStandard = kind === 'webhook-signature'
  const standard = around(`${id}.${timestamp}.`)
  return [
    { value: isStandard ? standard : around(''), causes: [] },
    isStandard
      ? { value: around(''), causes: [cause('message_body_only')] }
      : { value: standard, causes: [cause('message_standard')] },
    ...(isStandard ? listOtherTimestamps(id, timestamp) : []),
    ...listWithHeaders(headers, { id, timestamp }),
    ...(url === undefined ? [] : listWithUrl(url, headers['host'])),
  ]
}

function listOtherTimestamps(id: string, timestamp: string): Candidate<Message>[] {
  if (!/^\d{1,16}$/.test(timestamp)) return []
  const number = Number(timestamp)
  const other = (text: string, detail: string): Candidate<Message> => ({
    value: around(`${id}.${text}.`),
    causes: [cause('message_other_timestamp', detail)],
  })
  const messages = [other(String(Math.floor(number / 1000)), 'seconds were signed, and milliseconds sent')]
  for (let offset = 1; offset <= secondsBesides; offset += 1) {
    messages.push(other(String(number - offset), `it is ${offset} s earlier`))
    messages.push(other(String(number + offset), `it is ${offset} s later`))
  }
  for (let fraction = 0; fraction < 1000; fraction += 1) {
    messages.push(other(String(number * 1000 + fraction), 'milliseconds were signed, and seconds sent'))
  }
  return messages
}

function listWithHeaders(
  headers: MessageContext['headers'],
  { id, timestamp }: { id: string; timestamp: string },
): Candidate<Message>[] {
  const messages: Candidate<Message>[] = []
  const add = (before: string, after: string, detail: string): void => {
    messages.push({ value: around(before, after), causes: [cause('message_timestamp', detail)] })
  }
  const named = Object.entries(headers).filter(([name, value]) => value && signedHeader.test(name))
  for (const separator of separators) {
    const between = JSON.stringify(separator)
    for (const [name, value = ''] of named) {
      add(`${value}${separator}`, '', `${name}, then ${between}, then the body`)
      add('', `${separator}${value}`, `the body, then ${between}, then ${name}`)
      for (const version of ['v0', 'v1']) {
        add(
          `${version}${separator}${value}${separator}`,
          '',
          `${version}, ${name} and the body, with ${between} between`,
        )
      }
    }
    if (id === '' && timestamp === '') continue
    add(
      `${timestamp}${separator}${id}${separator}`,
      '',
      `the timestamp, the id and the body, with ${between} between`,
    )
    add(
      `${id}${separator}${timestamp}${separator}`,
      '',
      `the id, the timestamp and the body, with ${between} between`,
    )
  }
  return messages
}

function listWithUrl(url: string, host = 'localhost'): Candidate<Message>[] {
  const parsed = URL.parse(url, `http://${host}`)
  if (parsed === null) return []
  const query = parsed.search.slice(1)
  const path = `${parsed.pathname}${parsed.search}`
  const key = parsed.searchParams.get('key') ?? ''
  const parts = new Map([
    ['the query', query],
    ['the query with its ?', parsed.search],
    ['the key', key],
    ['the path', parsed.pathname],
    ['path and query', path],
    ['the URL', url],
    ['the URL over HTTPS', `https://${parsed.host}${path}`],
    ['the URL over HTTP', `http://${parsed.host}${path}`],
    ['POST and the path', `POST${path}`],
    ['POST, a blank and the path', `POST ${path}`],
  ])
  const messages: Candidate<Message>[] = []
  for (const [name, text] of parts) {
    if (text === '') continue
    for (const separator of separators) {
      messages.push({
        value: around(`${text}${separator}`),
        causes: [cause('message_url', `${name} before the body`)],
      })
      messages.push({
        value: around('', `${separator}${text}`),
        causes: [cause('message_url', `${name} after the body`)],
      })
    }
  }
  return messages
}
