import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { Candidate } from './candidate.ts'
import { cause, type Cause, type CauseCode } from './causes.ts'
import { completeJson } from './complete-json.ts'
import { listJsonWritings } from './json-candidates.ts'

const bom = Buffer.from('\uFEFF')
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// Of what a compressed body is decompressed to.
const maxOutputLength = 1_048_576
// Each beginning of a longer one would take too long.
const longestCutEverywhere = 4096

/** The bodies that may have been signed, the one that arrived first, each once under its fewest causes. */
export function listBodies(body: Buffer): Candidate<Buffer>[] {
  const listed = new Map<string, Candidate<Buffer>>()
  for (const candidate of listAll(body)) {
    const id = candidate.value.toString('latin1')
    const known = listed.get(id)
    if (known === undefined || candidate.causes.length < known.causes.length) listed.set(id, candidate)
  }
  return [...listed.values()].toSorted((first, second) => first.causes.length - second.causes.length)
}

function* listAll(body: Buffer): Generator<Candidate<Buffer>> {
  yield { value: body, causes: [] }
  const text = decodeUtf8(body)
  const inner = [
    ...(text === undefined ? [] : listWrapped(text)),
    ...listDecompressed(body),
    ...listDecoded(body),
  ]
  yield* listFramings(body)
  yield* inner
  if (text !== undefined) {
    yield* listEncodings(text)
    yield* listWritings(text)
  }
  for (const { value, causes } of inner) {
    const again = decodeUtf8(value)
    if (again !== undefined) yield* listWritings(again, ...causes)
  }
  yield* listPlaceholders()
  yield* listCuts(body)
}

/** The JSON of a text written anew, alone and with what is usual around it. */
function* listWritings(text: string, ...before: readonly Cause[]): Generator<Candidate<Buffer>> {
  const trimmed = text.replace(/^\uFEFF/, '').trim()
  const around = [
    ...before,
    ...(text.startsWith('\uFEFF') ? [cause('body_bom')] : []),
    ...(text.trim() === text ? [] : [cause(/^\S[^]*\S\r?\n$/.test(text) ? 'body_newline' : 'body_trimmed')]),
  ]
  for (const { value, causes } of listJsonWritings(trimmed)) {
    yield { value: Buffer.from(value), causes: [...around, ...causes] }
    yield { value: Buffer.from(`${value}\n`), causes: [...around, ...causes, cause('body_newline')] }
  }
}

function* listFramings(body: Buffer): Generator<Candidate<Buffer>> {
  for (const [ending, name] of [
    ['\n', 'LF'],
    ['\r\n', 'CRLF'],
  ] as const) {
    yield one(
      'body_newline',
      Buffer.concat([body, Buffer.from(ending)]),
      `it was signed with one more, ${name}`,
    )
    if (body.toString('latin1').endsWith(ending)) {
      yield one('body_newline', body.subarray(0, -ending.length), `it was signed without it, ${name}`)
    }
  }
  const latin1 = body.toString('latin1')
  yield one(
    'body_line_endings',
    Buffer.from(latin1.replaceAll('\r\n', '\n'), 'latin1'),
    'it was signed with LF',
  )
  yield one(
    'body_line_endings',
    Buffer.from(latin1.replaceAll(/\r?\n/g, '\r\n'), 'latin1'),
    'it was signed with CRLF',
  )
  yield one(
    'body_line_endings',
    Buffer.from(latin1.replaceAll(/[\r\n]/g, ''), 'latin1'),
    'it was signed without any',
  )
  // What is white space in ASCII only: others are parts of characters in UTF-8.
  yield one('body_trimmed', Buffer.from(latin1.replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''), 'latin1'))
  yield one('body_trimmed', Buffer.from(`${latin1} `, 'latin1'))
  yield one('body_bom', Buffer.concat([bom, body]), 'it was signed')
  if (body.indexOf(bom) === 0) yield one('body_bom', body.subarray(bom.length), 'it was not signed')
}

function* listEncodings(text: string): Generator<Candidate<Buffer>> {
  const utf16 = Buffer.from(text, 'utf16le')
  const marked = Buffer.from(`\uFEFF${text}`, 'utf16le')
  const encodings: [name: string, value: Buffer][] = [
    ['UTF-16, little-endian', utf16],
    ['UTF-16, big-endian', Buffer.from(utf16).swap16()],
    ['UTF-16, little-endian with a byte order mark', marked],
    ['UTF-16, big-endian with a byte order mark', Buffer.from(marked).swap16()],
    ['Latin-1', Buffer.from(text, 'latin1')],
    ['ASCII, with question marks for other characters', Buffer.from(text.replaceAll(/[^\0-\x7f]/gu, '?'))],
    ['ASCII, with two question marks for some characters', Buffer.from(text.replaceAll(/[^\0-\x7f]/g, '?'))],
    ['UTF-8 twice', Buffer.from(Buffer.from(text).toString('latin1'))],
  ]
  for (const [name, value] of encodings) yield { value, causes: [cause('body_encoding', name)] }
  // What was read as Latin-1 on this side and written as UTF-8.
  if (/^[\0-\xff]*$/.test(text)) {
    yield {
      value: Buffer.from(text, 'latin1'),
      causes: [cause('body_encoding', 'it arrived as UTF-8 twice')],
    }
  }
  for (const form of ['NFC', 'NFD', 'NFKC'] as const) {
    yield {
      value: Buffer.from(text.normalize(form)),
      causes: [cause('body_unicode_form', `it was signed in ${form}`)],
    }
  }
}

/** What arrived in another encoding than UTF-8 and was signed as UTF-8. */
function* listDecoded(body: Buffer): Generator<Candidate<Buffer>> {
  for (const encoding of ['utf-16le', 'utf-16be', 'latin1', 'windows-1252'] as const) {
    if (encoding.startsWith('utf-16') && body.length % 2 !== 0) continue
    for (const ignoreBOM of [false, true]) {
      const value = Buffer.from(new TextDecoder(encoding, { ignoreBOM }).decode(body))
      yield {
        value,
        causes: [cause('body_encoding', `it arrived in ${encoding.toUpperCase()}, and was signed in UTF-8`)],
      }
    }
  }
  // A text that was read as UTF-8 although it was not: signed by libraries that decode before they verify.
  yield {
    value: Buffer.from(body.toString()),
    causes: [cause('body_encoding', 'it was signed with U+FFFD for invalid bytes')],
  }
}

/** What the text may have been put into. */
function* listWrapped(text: string): Generator<Candidate<Buffer>> {
  if (/^[\w+/\s-]{12,}={0,2}\s*$/.test(text)) yield one('body_base64', Buffer.from(text, 'base64'))
  yield one('body_base64', Buffer.from(text).toString('base64'), 'the Base64 was signed')
  yield one('body_json_string', JSON.stringify(text), 'the string was signed')
  const parsed = parse(text)
  if (typeof parsed === 'string') yield one('body_json_string', parsed, 'what is in the string was signed')
  if (text.includes('=') || text.includes('%')) {
    for (const [name, value] of new URLSearchParams(text)) {
      yield one('body_form', value, `in ${JSON.stringify(name)}`)
      // A JSON body that was taken for a form is the name of a field without a value.
      if (value === '' && text.endsWith('=')) yield one('body_form', name)
    }
  }
  yield one('body_form', encodeURIComponent(text.toWellFormed()), 'the percent-encoded text was signed')
  yield one('body_form', `payload=${encodeURIComponent(text.toWellFormed())}`, 'the form was signed')
  yield one('body_form', new URLSearchParams({ payload: text }).toString(), 'the form was signed')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function* listDecompressed(body: Buffer): Generator<Candidate<Buffer>> {
  for (const [name, decompress] of [
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
    ['br', brotliDecompressSync],
  ] as const) {
    try {
      yield { value: decompress(body, { maxOutputLength }), causes: [cause('body_compressed', name)] }
    } catch {
      // It is not compressed so.
    }
  }
}

function* listPlaceholders(): Generator<Candidate<Buffer>> {
  for (const text of ['', '[object Object]', '{}', 'undefined', 'null', '""', 'None', 'System.Object']) {
    const detail = text === '' ? 'an empty body' : `the text ${text}`
    yield { value: Buffer.from(text), causes: [cause('body_not_signed', detail)] }
  }
}

function* listCuts(body: Buffer): Generator<Candidate<Buffer>> {
  for (const { value, detail } of completeJson(body)) {
    yield { value: Buffer.from(value), causes: [cause('body_cut', detail)] }
  }
  if (body.length > longestCutEverywhere) return
  for (let length = body.length - 1; length > 0; length -= 1) {
    const more = body.length - length
    yield { value: body.subarray(0, length), causes: [cause('body_longer', `${more} bytes at its end`)] }
    yield { value: body.subarray(more), causes: [cause('body_longer', `${more} bytes at its beginning`)] }
  }
}

function one(code: CauseCode, value: Buffer | string, detail?: string): Candidate<Buffer> {
  return { value: Buffer.from(value as string), causes: [cause(code, detail)] }
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
