import { StringDecoder } from 'node:string_decoder'
import type { Answer } from './answer.ts'
import type { AttemptResponse } from './attempt-result.ts'
import type { ConcealKey } from './conceal-key.ts'

/** What is stored of one answer at most, headers and excerpt together, as UTF-8 JSON. */
export const storedLimitInBytes = 4096

/** What headers may take of it. So there is always room for an excerpt. */
const headersLimitInBytes = 1536
/** A longer value is cut. */
const valueLimitInBytes = 768

// The most that one UTF-16 unit takes in JSON: \u0000, or half of a surrogate pair that is written out.
const maxBytesPerUnit = 6
const bytesPerHeader = '"":"",'.length
const bytesOfFrame = '{"headers":,"excerpt":"","truncated":false}'.length

/** What tells the most about an answer comes first; should there be no room for all, the rest is left out. */
const usefulHeaders = [
  'content-type',
  'location',
  'retry-after',
  'server',
  'date',
  'www-authenticate',
  'proxy-authenticate',
  'content-length',
  'content-encoding',
  'via',
  'x-request-id',
  'traceparent',
]

/** What is kept of an answer. The receiver decides how much it sends, but not how large a stored row gets. */
export function toStoredResponse(answer: Answer, conceal?: ConcealKey): AttemptResponse {
  const headers = storeHeaders(answer, conceal)
  const { chunks } = answer
  if (chunks.length === 0) return { headers, excerpt: '', truncated: false }
  const excerptLimitInBytes = storedLimitInBytes - bytesOfFrame - jsonSize(headers)
  return { headers, ...storeExcerpt(answer, excerptLimitInBytes, conceal) }
}

function storeHeaders({ headers }: Answer, conceal: ConcealKey | undefined): Record<string, string> {
  const all: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name] ?? ''
    const text = typeof value === 'string' ? value : value.join(', ')
    all[name] = conceal === undefined ? text : conceal(text)
  }
  if (isSmall(all)) return all

  const kept: Record<string, string> = {}
  const names = [...usefulHeaders.filter((name) => name in all), ...Object.keys(all)]
  let room = headersLimitInBytes - '{}'.length
  for (const name of new Set(names)) {
    const value = cut(all[name] as string, valueLimitInBytes)
    const size = textSize(name) + textSize(value) + bytesPerHeader
    if (size > room) continue
    kept[name] = value
    room -= size
  }
  return kept
}

/** Whether the headers fit in any case: most do, and need not be measured. */
function isSmall(headers: Record<string, string>): boolean {
  let units = 0
  let bytes = '{}'.length
  for (const name in headers) {
    units += name.length + (headers[name] as string).length
    bytes += bytesPerHeader
  }
  return bytes + units * maxBytesPerUnit <= headersLimitInBytes
}

function storeExcerpt(
  { chunks, bytesRead }: Answer,
  limitInBytes: number,
  conceal: ConcealKey | undefined,
): Pick<AttemptResponse, 'excerpt' | 'truncated'> {
  const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  const isWhole = bytes.length === bytesRead
  // Not a TextDecoder, which would drop a byte order mark: this is a record of what was sent. And what was cut within a
  // character ends before it.
  const text = isWhole ? bytes.toString('utf8') : new StringDecoder('utf8').write(bytes)
  const clean = conceal === undefined ? text : conceal(text, { isCut: !isWhole })
  const excerpt = cut(clean, limitInBytes)
  return { excerpt, truncated: !isWhole || excerpt.length < clean.length }
}

/** The longest beginning of a text that takes no more than so many bytes within a JSON string. */
function cut(text: string, limitInBytes: number): string {
  if (text.length * maxBytesPerUnit <= limitInBytes || textSize(text) <= limitInBytes) return text
  let room = limitInBytes
  let length = 0
  for (const character of text) {
    room -= textSize(character)
    if (room < 0) break
    length += character.length
  }
  return text.slice(0, length)
}

function textSize(text: string): number {
  return jsonSize(text) - '""'.length
}

function jsonSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
