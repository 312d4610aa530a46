import { CommandError } from '../../command-error.ts'
import { decodeChunks } from './decode-chunks.ts'
import { parseHeader } from './parse-header.ts'

/** A request that was recorded. */
export interface RecordedRequest {
  /** Lower-case names; several values of one name are joined by a comma. */
  headers: Record<string, string>
  body: Buffer
  url?: string
  /** How the record was put right, for its reader. */
  notes: readonly string[]
}

const requestLine = /^[A-Z]+ (\S+)(?: HTTP\/[\d.]+)?$/

/**
 * Reads a request as it went over the wire: request line, headers, an empty line, body. Lines may end in LF alone, and the request line
 * may be missing. A chunked body is put together, and what an editor added behind the body is left out by its Content-Length.
 *
 * @throws CommandError `usage_invalid` when it is no request.
 */
export function parseRequest(bytes: Buffer): RecordedRequest {
  const { head, body } = split(bytes)
  const lines = head.split(/\r?\n/)
  const url = requestLine.exec(lines[0] ?? '')?.[1]
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const line of url === undefined ? lines : lines.slice(1)) {
    if (line === '') continue
    const [name, value] = readHeader(line)
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return { headers, ...frame(headers, body), ...(url !== undefined && { url }) }
}

function split(bytes: Buffer): { head: string; body: Buffer } {
  const text = bytes.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  if (end === null) return { head: text, body: Buffer.alloc(0) }
  return { head: text.slice(0, end.index), body: bytes.subarray(end.index + end[0].length) }
}

function readHeader(line: string): [name: string, value: string] {
  try {
    return parseHeader(line)
  } catch (cause) {
    const message =
      'this is no recorded request: give its request line, its headers, an empty line and its body; or the headers with -H and the body with --body'
    throw new CommandError('usage_invalid', message, { cause })
  }
}

function frame(headers: Record<string, string>, body: Buffer): { body: Buffer; notes: string[] } {
  if (/\bchunked\b/i.test(headers['transfer-encoding'] ?? '')) {
    const whole = decodeChunks(body)
    if (whole !== undefined) return { body: whole, notes: ['the chunks of the body were put together'] }
  }
  const length = /^\d+$/.test(headers['content-length'] ?? '')
    ? Number(headers['content-length'])
    : body.length
  const rest = body.subarray(length)
  // More than a line break is a body that is not the one that was sent, which is for the caller to see.
  if (rest.length === 0 || !/^[\r\n]+$/.test(rest.toString('latin1'))) return { body, notes: [] }
  return {
    body: body.subarray(0, length),
    notes: ['a line break behind the body was left out, by its Content-Length'],
  }
}
