import * as z from 'zod'
import { checkGivenOptions } from './check-options.ts'
import { writePublicKey } from './ed25519.ts'
import { OptionError } from './option-error.ts'
import type { SecretContext, SecretResolver } from './secret-source.ts'
import type { HeaderRecord } from './webhook-headers.ts'

/** Options of {@link jwksKeys}. */
export interface JwksOptions {
  /** Where the sender publishes its keys: `https:`, or `http:` on a loopback address. */
  url: string | URL
  /** How long fetched keys are used before they are fetched again, in milliseconds. Default 600 000, ten minutes. */
  cacheInMs?: number | undefined
  /** The shortest time between two fetches, in milliseconds, whatever requests ask for. Default 30 000. */
  cooldownInMs?: number | undefined
  /** How long keys are used on when they cannot be fetched again, in milliseconds. Default 86 400 000, a day. */
  staleInMs?: number | undefined
  /** How long one fetch may take, in milliseconds. Default 5 000. */
  timeoutInMs?: number | undefined
  /** What fetches. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** The clock, in milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined
}

const names: Readonly<Record<keyof JwksOptions, true>> = {
  url: true,
  cacheInMs: true,
  cooldownInMs: true,
  staleInMs: true,
  timeoutInMs: true,
  fetch: true,
  now: true,
}
const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/
const mostBytes = 65_536
const mostKeys = 32

// RFC 8037 section 2. A set may have keys of other kinds, which are not for here.
const jwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().optional(),
  use: z.literal('sig').optional(),
})
const jwks = z.object({ keys: z.array(z.unknown()) })

interface FetchedKeys {
  byId: Map<string, string>
  all: string[]
  fetchedAt: number
}

/**
 * A `secret` that is a sender's JSON Web Key Set (RFC 7517): its Ed25519 public keys, fetched when first needed, kept, and fetched
 * once more when a request names a key that is not among them (`webhook-key-id`). So the sender may change its keys at any time.
 * A fetch that fails is `secret_unavailable`, a 503, and the sender tries again; keys that were fetched before are used on for
 * {@link JwksOptions.staleInMs}.
 *
 * @throws OptionError for an option that cannot work.
 * @example
 * createVerifier({ secret: jwksKeys({ url: 'https://automation.example.org/.well-known/jwks.json' }) })
 */
export function jwksKeys(options: JwksOptions): SecretResolver {
  checkGivenOptions<JwksOptions>(options, names)
  const { cacheInMs = 600_000, cooldownInMs = 30_000, staleInMs = 86_400_000, timeoutInMs = 5000 } = options
  const { fetch = globalThis.fetch, now = Date.now } = options
  for (const [name, value] of Object.entries({ cacheInMs, cooldownInMs, staleInMs, timeoutInMs })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new OptionError(name, 'must be a positive whole number of milliseconds')
  }
  for (const [name, value] of Object.entries({ fetch, now })) {
    if (typeof value !== 'function') throw new OptionError(name, 'must be a function')
  }
  const url = checkUrl(options.url)
  let known: FetchedKeys | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<FetchedKeys> | undefined

  return async (context) => {
    const ids = readKeyIds(context)
    const age = known === undefined ? Number.POSITIVE_INFINITY : now() - known.fetchedAt
    const isUnknown = ids.length > 0 && !ids.some((id) => known?.byId.has(id))
    if (known === undefined || age >= cacheInMs || age < 0 || isUnknown) await refresh()
    const keys = known
    if (keys === undefined) throw new TypeError('the keys of the sender could not be fetched a moment ago')
    const named = ids.flatMap((id) => keys.byId.get(id) ?? [])
    return named.length > 0 ? named : keys.all
  }

  async function refresh(): Promise<void> {
    // A clock that was set back counts as time gone by.
    if (fetching === undefined && Math.abs(now() - triedAt) < cooldownInMs) return
    if (fetching === undefined) {
      triedAt = now()
      fetching = fetchKeys({ url, fetch, timeoutInMs, now }).finally(() => {
        fetching = undefined
      })
    }
    try {
      known = await fetching
    } catch (error) {
      if (known === undefined || Math.abs(now() - known.fetchedAt) >= staleInMs) {
        known = undefined
        throw error
      }
    }
  }
}

async function fetchKeys({
  url,
  fetch,
  timeoutInMs,
  now,
}: {
  url: URL
  fetch: typeof globalThis.fetch
  timeoutInMs: number
  now: () => number
}): Promise<FetchedKeys> {
  const fetchedAt = now()
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutInMs),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new TypeError(`the request for the keys of the sender was answered with status ${response.status}`)
  }
  const { keys } = jwks.parse(JSON.parse(await readBounded(response)))
  const read = keys.flatMap((one) => jwk.safeParse(one).data ?? [])
  if (read.length === 0 || read.length > mostKeys) {
    throw new TypeError(
      `the sender publishes ${read.length} Ed25519 keys, and the receiver takes 1 to ${mostKeys}`,
    )
  }
  const written = read.map(({ x, kid }) => ({ kid, key: writePublicKey(Buffer.from(x, 'base64url')) }))
  return {
    byId: new Map(written.flatMap(({ kid, key }) => (kid === undefined ? [] : [[kid, key] as const]))),
    all: written.map(({ key }) => key),
    fetchedAt,
  }
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > mostBytes) throw new TypeError(`the keys of the sender have more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The keys that a request says that it was signed with. It is a hint: only keys that were fetched are ever used. */
function readKeyIds({ headers }: SecretContext): string[] {
  const header =
    typeof headers.get === 'function'
      ? headers.get('webhook-key-id')
      : (headers as HeaderRecord)['webhook-key-id']
  return typeof header === 'string' ? header.split(' ').slice(0, mostKeys) : []
}

function checkUrl(given: string | URL): URL {
  const text = given instanceof URL ? given.href : given
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname))
  if (url === undefined || !isSafe || url.username !== '' || url.password !== '') {
    throw new OptionError(
      'url',
      'must be an absolute https: URL (http: on a loopback address) without user name and password',
    )
  }
  return url
}
