import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { EndpointSettings } from '../config/endpoint-settings.ts'
import { createPoster, type Poster } from './create-poster.ts'

/** An endpoint that is posted to. */
export interface PostedEndpoint {
  readonly settings: EndpointSettings
  readonly poster: Poster
  /** Differs when the section, or what is in its key files, has changed. Has the secret in it: not for logs. */
  readonly fingerprint: string
}

/**
 * Makes the endpoints of settings: those that have not changed are kept, the others are made, all of them or none.
 *
 * @throws KeyStoreError; then what was made is closed.
 */
export async function createEndpointSet(
  settings: readonly EndpointSettings[],
  { now, before = [] }: { now: () => number; before?: readonly PostedEndpoint[] },
): Promise<PostedEndpoint[]> {
  const settled = await Promise.allSettled(settings.map((one) => keepOrCreate(one, before, now)))
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed === undefined) return settled.map((result) => (result as { value: PostedEndpoint }).value)
  const made = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  await closeEndpoints(made.filter((one) => !before.includes(one)))
  throw failed.reason
}

/** Lets the attempts under way end, and closes the connections. */
export async function closeEndpoints(endpoints: readonly PostedEndpoint[]): Promise<void> {
  await Promise.all(endpoints.map(({ poster }) => poster.close()))
}

async function keepOrCreate(
  settings: EndpointSettings,
  before: readonly PostedEndpoint[],
  now: () => number,
): Promise<PostedEndpoint> {
  const fingerprint = await takeFingerprint(settings)
  const same = before.find((one) => one.settings.id === settings.id && one.fingerprint === fingerprint)
  return same ?? { settings, fingerprint, poster: await createPoster(settings, { now }) }
}

async function takeFingerprint({ url, events, ...settings }: EndpointSettings): Promise<string> {
  const { sslKeyFile, sslTrustFile } = settings.tls
  const files = await Promise.all([sslKeyFile, sslTrustFile].map(digest))
  return JSON.stringify([settings, url.href, [...events], files])
}

async function digest(file: string | undefined): Promise<string> {
  if (file === undefined) return ''
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  } catch {
    // What is wrong with it is said when the key store is read.
    return ''
  }
}
