import type { RefusedRequest } from './explain-mismatch.ts'

// A header that another sender's signature may be in.
const signatureName = /signature|hmac|digest/
// What is left in a secret whose variable was not replaced.
const placeholder = /\$\{|\{\{|<[a-z_-]+>|%[A-Z_]+%|^\$[A-Z_]+$/

/** Lists what is unusual about a request or a secret and may be why it is refused. None of it is proven. */
export function listClues({
  headers,
  body,
  secrets,
}: Pick<RefusedRequest, 'headers' | 'body' | 'secrets'>): string[] {
  const clues: string[] = []
  const { 'content-length': length, 'content-encoding': encoding, 'x-signature': signature } = headers
  if (length !== undefined && Number(length) !== body.length) {
    const by = body.length < Number(length) ? 'the body was cut' : 'something was added to the body'
    clues.push(`Content-Length is ${length}, and the body here has ${body.length} bytes: ${by}.`)
  }
  if (encoding !== undefined && encoding !== 'identity') {
    clues.push(
      `Content-Encoding is ${encoding}: the signature is of the bytes that were sent, compressed or not.`,
    )
  }
  if (body.length === 0)
    clues.push('The body here is empty: something has read it already, or it was not captured.')
  else clues.push(...listBodyClues(Buffer.from(body)))
  if (signature === undefined && headers['webhook-signature'] === undefined) {
    const others = Object.keys(headers).filter((name) => signatureName.test(name))
    clues.push(
      others.length > 0
        ? `There is neither X-Signature nor webhook-signature, but there is ${others.join(', ')}: another kind of webhook.`
        : 'There is neither X-Signature nor webhook-signature: the sender has no secret, or a proxy removes the headers.',
    )
  }
  const digits = /^(?:[\w-]+=)?([0-9a-f]+)$/i.exec(signature ?? '')?.[1]?.length
  const algorithm = digits === undefined ? undefined : algorithms.get(digits)
  if (algorithm !== undefined) {
    clues.push(`X-Signature has ${digits} hex digits, as ${algorithm} has; SHA-256 has 64.`)
  }
  if (headers['webhook-signature']?.startsWith('v1a,')) {
    clues.push(
      secrets.some((secret) => secret.startsWith('whpk_'))
        ? 'The sender signs with Ed25519 (v1a), of which only a match can be told: it has another key pair, or the body was changed.'
        : 'The sender signs with Ed25519 (v1a): give its public key, whpk_…, as the secret.',
    )
  }
  for (const [index, secret] of secrets.entries()) {
    const name = secrets.length === 1 ? 'The secret' : `Secret ${index + 1}`
    if (placeholder.test(secret)) clues.push(`${name} looks like a variable that was not replaced.`)
    if (secret !== secret.trim()) clues.push(`${name} has white space around it.`)
  }
  return clues
}

const algorithms: ReadonlyMap<number, string> = new Map([
  [32, 'MD5'],
  [40, 'SHA-1'],
  [56, 'SHA-224'],
  [96, 'SHA-384'],
  [128, 'SHA-512'],
])

function listBodyClues(body: Buffer): string[] {
  const clues: string[] = []
  if (body.includes('\uFFFD')) {
    clues.push(
      'The body has U+FFFD in it: it was decoded as text at some point, and what was signed is lost.',
    )
  }
  if (body.toString('latin1').includes('\\n') && !body.includes('\n')) {
    clues.push(String.raw`The body has \n in it as two characters: it may have been copied from a log.`)
  }
  try {
    JSON.parse(body.toString())
  } catch {
    clues.push('The body here is not JSON: it may be cut, or not the one that was sent.')
  }
  return clues
}
