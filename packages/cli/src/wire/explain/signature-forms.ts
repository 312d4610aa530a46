import { cause, type Cause } from './causes.ts'

/** Tells whether a digest is a signature that a header carries, in any form there is. */
export interface SignatureForms {
  /**
   * The causes for which the header is not simply this digest; none when it is. `undefined`: it is another signature.
   *
   * @param digest A character a byte.
   */
  match(digest: string): readonly Cause[] | undefined
}

/** What is written around a signature, and is none of it. */
const decoration =
  /^(?:hmac[-_ ]?sha-?256|sha-?(?:256|1|512)|md5|v\d|signature|hmac|bearer|basic|sig|s)[=:, ]\s*/i
// Shorter, a beginning could be that of anything.
const fewestBytesOfCut = 8

/**
 * Reads a header's value in every form that a signature may have. Digests are compared as texts, and in no constant time: this looks
 * at a request that was refused already, for the holder of the secret, and no sender sees how long it takes.
 */
export function readSignatureForms(
  header: string,
  kind: 'x-signature' | 'webhook-signature',
): SignatureForms {
  const decoded = new Map<string, readonly Cause[]>()
  const texts = listTexts(header, kind)
  for (const { text, causes } of texts) {
    for (const { bytes, causes: more } of decode(text)) {
      const id = bytes.toString('latin1')
      if (!decoded.has(id)) decoded.set(id, [...causes, ...more])
    }
  }
  const cuts = [...decoded].filter(([bytes]) => bytes.length >= fewestBytesOfCut && bytes.length < 64)
  const written = new Map(texts.map(({ text, causes }) => [text.toLowerCase(), causes]))
  const mayLackZeros = [...written.keys()].some(
    (text) => text.length !== 64 && /^[0-9a-f]{33,256}$/.test(text),
  )

  return {
    match(digest) {
      const exact = decoded.get(digest)
      if (exact !== undefined) return exact
      const cut = cuts.find(([beginning]) => beginning.length < digest.length && digest.startsWith(beginning))
      if (cut !== undefined)
        return [...cut[1], cause('signature_cut', `${cut[0].length} of ${digest.length} bytes`)]
      if (!mayLackZeros) return undefined
      for (const text of writeWithoutZeros(Buffer.from(digest, 'latin1'))) {
        const causes = written.get(text)
        if (causes !== undefined) return [...causes, cause('signature_leading_zeros')]
      }
      return undefined
    },
  }
}

interface Text {
  text: string
  causes: readonly Cause[]
}

/** The texts in a header that may be a signature: the value itself first. */
function listTexts(header: string, kind: 'x-signature' | 'webhook-signature'): Text[] {
  if (kind === 'webhook-signature') {
    const entries = header.split(' ')
    const right = entries.filter((entry) => entry.startsWith('v1,'))
    return [...right.map((entry) => ({ text: entry.slice(3), causes: [] })), ...listUndecorated(header)]
  }
  const value = header.startsWith('sha256=') ? header.slice(7) : header
  return [{ text: value, causes: [] }, ...listUndecorated(header)]
}

function listUndecorated(header: string): Text[] {
  const whole = undecorate(header)
  const parts = header.split(/[\s,;]+/).flatMap((part) => [part, part.slice(part.indexOf('=') + 1)])
  const texts: Text[] = [{ text: whole, causes: [cause('signature_decoration')] }]
  if (whole.includes(' ')) {
    texts.push({ text: whole.replaceAll(' ', '+'), causes: [cause('signature_decoration', 'blanks for +')] })
  }
  try {
    const text = undecorate(decodeURIComponent(header))
    texts.push({ text, causes: [cause('signature_decoration', 'it is percent-encoded')] })
  } catch {
    // It has a % that begins no escape.
  }
  for (const part of parts) texts.push({ text: undecorate(part), causes: [cause('signature_several')] })
  return texts
}

function undecorate(text: string): string {
  let rest = text
  for (;;) {
    const next = rest
      .trim()
      .replace(decoration, '')
      .replaceAll(/^["'<[(]+|["'>\])]+$/g, '')
    if (next === rest) return rest
    rest = next
  }
}

function* decode(text: string): Generator<{ bytes: Buffer; causes: readonly Cause[] }> {
  for (const bytes of decodeOnce(text)) {
    yield { bytes, causes: [] }
    const inner = bytes.toString('latin1')
    for (const again of decodeOnce(inner.trim())) {
      yield { bytes: again, causes: [cause('signature_encoding')] }
    }
  }
}

function decodeOnce(text: string): Buffer[] {
  const decoded: Buffer[] = []
  if (/^(?:[0-9a-f]{2}){8,}$/i.test(text)) decoded.push(Buffer.from(text, 'hex'))
  if (/^(?:[0-9a-f]{2}[:\- ]){8,}[0-9a-f]{2}$/i.test(text)) {
    decoded.push(Buffer.from(text.replaceAll(/[:\- ]/g, ''), 'hex'))
  }
  if (/^[\w+/-]{11,}={0,2}$/.test(text)) decoded.push(Buffer.from(text, 'base64'))
  return decoded
}

/** A digest as it comes out of code that loses zeros: of the whole, of each byte; and of bytes that have a sign. */
function writeWithoutZeros(digest: Buffer): string[] {
  const hex = digest.toString('hex')
  const each = Array.from(digest, (byte) => byte.toString(16)).join('')
  const signed = Array.from(digest, (byte) => (byte > 127 ? `ffffff${byte.toString(16)}` : byte.toString(16)))
  return [hex.replace(/^0+/, ''), each, signed.join('')].filter((text) => text !== hex)
}
