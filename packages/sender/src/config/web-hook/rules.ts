import { createSigner, OptionError } from '@taskhook/core'
import type * as z from 'zod'
import { resolveDuration } from '../duration.ts'
import { headerProblem } from '../header-problem.ts'

// The rules of the section that are more than a type. Each says what is allowed; what was found is added by
// describeIssues(), which knows what may be shown.

type Context = z.core.$RefinementCtx

/** What a timer of Node.js can hold, 24.8 days; anything longer would fire at once. */
const maxTimerInMs = 2 ** 31 - 1
/** Longer waits lead to dates that do not exist. */
const maxWaitInMs = 365 * 24 * 60 * 60 * 1000

/** Begins like an HTTP URL. `new URL()` alone also takes `https:example.org` and white space before it. */
export const endpointPattern: RegExp = /^[Hh][Tt]{2}[Pp][Ss]?:\/\/[^/\s]/

/** The characters that an id may have at most. */
export const maxIdLength = 255

export function checkEndpoint(endpoint: string, context: Context): void {
  const expect = (message: string): void => context.addIssue({ code: 'custom', message })
  if (!endpointPattern.test(endpoint) || !URL.canParse(endpoint)) {
    expect('must be an absolute http: or https: URL, such as "https://www.example.org/automation"')
    return
  }
  const { username, password, port } = new URL(endpoint)
  // No receiver listens there, and undici would take it for none at all: port 80.
  if (port === '0') expect('must be without port 0')
  if (username !== '' || password !== '') {
    expect(
      'must be without user name and password; to authenticate, set an authorization header in "headers"',
    )
  }
  if (endpoint.includes('#')) expect('must be without a fragment ("#…"), which HTTP does not send')
}

/** As the ledgers store it, and as it can be printed on one line. */
export function checkId(id: string, context: Context): void {
  if (/[\p{Surrogate}\p{Cc}]/u.test(id)) {
    context.addIssue({ code: 'custom', message: 'must be without control characters and lone surrogates' })
  }
}

export function checkKey(key: string, context: Context): void {
  if (/\p{Surrogate}/u.test(key)) context.addIssue({ code: 'custom', message: 'must be well-formed Unicode' })
}

export function checkTimeout(duration: string, context: Context): void {
  const lengthInMs = checkDuration(duration, context)
  if (lengthInMs === 0) context.addIssue({ code: 'custom', message: 'must be more than zero' })
  if (lengthInMs > maxTimerInMs)
    context.addIssue({ code: 'custom', message: 'must be at most 24.8 days, what a timer can hold' })
}

export function checkWait(duration: string, context: Context): void {
  if (checkDuration(duration, context) > maxWaitInMs) {
    context.addIssue({ code: 'custom', message: 'must be at most "P365D"' })
  }
}

/** The length in milliseconds, or NaN when it is reported as none. */
function checkDuration(duration: string, context: Context): number {
  try {
    return resolveDuration(duration)
  } catch (error) {
    context.addIssue({ code: 'custom', message: expectationIn(error) })
    return Number.NaN
  }
}

export function checkSecret(secret: string | readonly string[], context: Context): void {
  // One at a time, so that all the malformed ones are reported.
  for (const [index, one] of [secret].flat().entries()) {
    try {
      createSigner(one)
    } catch (error) {
      const path = typeof secret === 'string' ? [] : [index]
      context.addIssue({ code: 'custom', path, message: expectationIn(error) })
    }
  }
}

/** An OptionError's message is `<option>: <expectation>`; here the option's name is the key's path. */
function expectationIn(error: unknown): string {
  if (!OptionError.isInstance(error)) throw error
  return error.message.slice(`${error.option}: `.length)
}

export function checkEvents(events: readonly unknown[], context: Context): void {
  for (const [index, event] of events.entries()) {
    if (events.indexOf(event) < index) {
      context.addIssue({ code: 'custom', path: [index], message: 'must not be there twice' })
    }
  }
}

export function checkHeaders(headers: Readonly<Record<string, unknown>>, context: Context): void {
  const names = new Set<string>()
  for (const [name, value] of Object.entries(headers)) {
    const problem = typeof value === 'string' ? headerProblem(name, value) : undefined
    if (problem !== undefined) context.addIssue({ code: 'custom', path: [name], message: problem })
    if (names.has(name.toLowerCase())) {
      const message =
        'must be there once only: upper and lower case make no difference in the name of a header'
      context.addIssue({ code: 'custom', path: [name], message })
    }
    names.add(name.toLowerCase())
  }
}

/** The keys that depend on each other; their values may still be of the wrong type. */
export interface Together {
  enabled?: unknown
  endpoint?: unknown
  id?: unknown
  key?: unknown
  useSslClientCert?: unknown
  sslKeyFile?: unknown
}

export function checkTogether(section: Together, context: Context): void {
  const expect = (key: keyof Together, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message })
  const { enabled, id, key, useSslClientCert } = section
  if (enabled === true && !('endpoint' in section)) expect('endpoint', 'must be there when enabled is true')
  if (useSslClientCert === true && !('sslKeyFile' in section)) {
    expect('sslKeyFile', 'must be there when useSslClientCert is true: it holds the certificate and its key')
  }

  const endpoint = typeof section.endpoint === 'string' ? URL.parse(section.endpoint) : null
  if (endpoint === null) return
  if (key !== undefined && endpoint.searchParams.has('key')) {
    expect('key', 'must be left out when the endpoint has a query parameter "key" of its own')
  }
  if (id === undefined && defaultId(endpoint).length > maxIdLength) {
    expect('id', `must be there when host and path of the endpoint are longer than ${maxIdLength} characters`)
  }
}

/**
 * Neither the place in the list nor a random value: deliveries in the ledger belong to an id, and it has to be the
 * same one after a restart, whatever was added to the list, removed or moved.
 */
export function defaultId(endpoint: URL): string {
  return endpoint.host + endpoint.pathname
}

/** The sections may still be anything. */
export function checkIds(sections: readonly (Pick<Together, 'id'> | null)[], context: Context): void {
  const ids = sections.map((section) => section?.id)
  for (const [index, id] of ids.entries()) {
    const first = ids.indexOf(id)
    if (id === undefined || first === index) continue
    const message = `must not be the id of webHook[${first}] too; without one, it is the endpoint's host and path: set "id" in both`
    context.addIssue({ code: 'custom', path: [index, 'id'], message })
  }
}
