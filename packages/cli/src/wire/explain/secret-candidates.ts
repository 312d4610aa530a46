import { createHash } from 'node:crypto'
import type { Candidate } from './candidate.ts'
import { cause, type Cause, type CauseCode } from './causes.ts'

/** The secrets that a request may have been signed with. */
export interface Secrets {
  /** Those of this side. */
  secrets: readonly string[]
  /** Others that are worth a try. */
  otherSecrets?: readonly string[]
}

const standardPrefix = 'whsec_'
// U+00A0, U+00AD, U+200B to U+200F, U+2060, U+FEFF, and white space and control characters.
const hidden = /[\s\p{Cc}\p{Cf}]/gu
// What an unset variable becomes when it is made a string, in the languages there are.
const placeholders = ['', 'undefined', 'null', 'None', 'nil', 'NULL', '[object Object]', 'secret', 'changeme']

/** The HMAC keys that a secret may have been made into, the right one of each secret first. */
export function listKeys({ secrets: all, otherSecrets = [] }: Secrets): Candidate<Buffer>[] {
  // A public key verifies Ed25519, and is the key of no HMAC.
  const secrets = all.filter((secret) => !secret.startsWith('whpk_'))
  const right = secrets.map((secret) => ({ value: keyFrom(secret), causes: [] }))
  const others = otherSecrets.flatMap((secret, index) => {
    const alternative = cause('secret_alternative', `number ${index + 1}`)
    return [{ value: keyFrom(secret), causes: [alternative] }, ...listVariants(secret, [alternative])]
  })
  const unset = placeholders.map((text) => ({
    value: Buffer.from(text),
    causes: [cause('secret_unset', text === '' ? 'an empty text' : `the text ${JSON.stringify(text)}`)],
  }))
  const joined = [',', ', ', ' ', ';', '\n'].map((separator) => ({
    value: Buffer.from(secrets.join(separator)),
    causes: [cause('secret_joined')],
  }))
  return dedupe([
    ...right,
    ...others,
    ...secrets.flatMap((secret) => listVariants(secret, [])),
    ...unset,
    ...(secrets.length > 1 ? joined : []),
  ])
}

function keyFrom(secret: string): Buffer {
  return secret.startsWith(standardPrefix)
    ? Buffer.from(secret.slice(standardPrefix.length), 'base64')
    : Buffer.from(secret)
}

function listVariants(secret: string, before: readonly Cause[]): Candidate<Buffer>[] {
  const variants: Candidate<Buffer>[] = []
  const add = (code: CauseCode, value: Buffer | string, detail?: string): void => {
    variants.push({ value: Buffer.from(value as string), causes: [...before, cause(code, detail)] })
  }
  const addText = (code: CauseCode, text: string, detail?: string): void => {
    add(code, keyFrom(text), detail)
  }
  const encoded = secret.startsWith(standardPrefix) ? secret.slice(standardPrefix.length) : undefined

  if (encoded !== undefined) {
    add('secret_whsec_raw', secret, 'with the prefix')
    add('secret_whsec_raw', encoded, 'without the prefix')
  } else {
    if (/^[\w+/-]+={0,2}$/.test(secret)) add('secret_base64_decoded', Buffer.from(secret, 'base64'))
    if (/^(?:[0-9a-f]{2})+$/i.test(secret)) add('secret_hex_decoded', Buffer.from(secret, 'hex'))
  }
  addText('secret_hidden_characters', secret.trim(), 'white space around it')
  addText('secret_hidden_characters', secret.replaceAll(hidden, ''), 'within it')
  for (const [ending, name] of endings) {
    add('secret_extra_characters', Buffer.concat([keyFrom(secret), Buffer.from(ending)]), name)
    addText('secret_extra_characters', `${secret}${ending}`, name)
  }
  addText('secret_quotes', secret.replaceAll(/^(["'`])(.*)\1$/gs, '$2'), 'on this side')
  for (const quote of ['"', "'"]) {
    add('secret_quotes', `${quote}${secret}${quote}`, 'on the sending side')
  }
  for (const [cut, detail] of listCuts(secret)) addText('secret_cut', cut, detail)
  addText('secret_case', secret.toLowerCase(), 'the sender has lower case')
  addText('secret_case', secret.toUpperCase(), 'the sender has upper case')
  addEncodings(secret, add)
  const key = keyFrom(secret)
  add('secret_derived', key.toString('base64'), 'its Base64')
  add('secret_derived', key.toString('hex'), 'its hex')
  for (const text of [key, Buffer.from(secret)]) {
    const digest = createHash('sha256').update(text).digest()
    add('secret_derived', digest, 'its SHA-256')
    add('secret_derived', digest.toString('hex'), 'the hex of its SHA-256')
    add('secret_derived', digest.toString('base64'), 'the Base64 of its SHA-256')
  }
  return variants
}

const endings = [
  ['\n', 'a line break'],
  ['\r\n', 'a line break (CRLF)'],
  ['\r', 'a carriage return'],
  [' ', 'a blank'],
  ['\0', 'a null byte'],
] as const

function listCuts(secret: string): [cut: string, detail: string][] {
  const [beforeHash = ''] = secret.split('#')
  const [beforeBlank = ''] = secret.split(/\s/)
  return [
    [secret.replaceAll(/\$(?:\w+|\{\w+\})/g, ''), 'what begins with $ is missing'],
    [secret.split('$')[0] ?? '', 'it ends before the $'],
    [beforeHash, 'it ends before the #'],
    [beforeHash.trimEnd(), 'it ends before the #'],
    [beforeBlank, 'it ends before the first blank'],
    [secret.replaceAll(/\\(.)/g, '$1'), 'its backslashes are missing'],
    [secret.replaceAll('=', ''), 'its = are missing'],
    ...[8, 16, 24, 32, 64].map((length): [string, string] => [
      secret.slice(0, length),
      `its first ${length} characters`,
    ]),
  ]
}

function addEncodings(
  secret: string,
  add: (code: CauseCode, value: Buffer | string, detail?: string) => void,
): void {
  add('secret_encoding', Buffer.from(secret, 'latin1'), 'Latin-1')
  add('secret_encoding', Buffer.from(secret, 'utf16le'), 'UTF-16, little-endian')
  add('secret_encoding', Buffer.from(secret, 'utf16le').swap16(), 'UTF-16, big-endian')
  add('secret_encoding', Buffer.from(`\uFEFF${secret}`), 'with a byte order mark')
  add('secret_encoding', secret.replaceAll(/[^\x20-\x7e]/g, '?'), 'ASCII with question marks')
  add('secret_encoding', Buffer.from(secret).toString('latin1'), 'UTF-8 twice')
  add('secret_encoding', secret.normalize('NFC'), 'Unicode form NFC')
  add('secret_encoding', secret.normalize('NFD'), 'Unicode form NFD')
  add('secret_encoding', encodeURIComponent(secret.toWellFormed()), 'percent-encoded')
  try {
    add('secret_encoding', decodeURIComponent(secret), 'percent-decoded')
  } catch {
    // It has a % that begins no escape, so the sender could not have decoded it either.
  }
}

/** Each key once, under the fewest causes. */
function dedupe(candidates: readonly Candidate<Buffer>[]): Candidate<Buffer>[] {
  const first = new Map<string, Candidate<Buffer>>()
  for (const candidate of candidates) {
    const id = candidate.value.toString('latin1')
    const known = first.get(id)
    if (known === undefined || candidate.causes.length < known.causes.length) first.set(id, candidate)
  }
  return [...first.values()]
}
