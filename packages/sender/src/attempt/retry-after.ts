import { parseHttpDate } from './http-date.ts'

// RFC 9111 section 1.2.2: a number of seconds beyond this one counts as this one.
const maxSeconds = 2 ** 31

/**
 * How long the receiver asks to wait, from the value of its `Retry-After` header (RFC 9110 section 10.2.3): seconds, or
 * a date in any of the three forms. A date in the past is 0. Anything else is `undefined`, as if nothing had been asked.
 *
 * @param now milliseconds since 1970.
 */
export function retryAfterInMs(value: string, now: number): number | undefined {
  if (/^\d+$/.test(value)) return Math.min(Number(value), maxSeconds) * 1000
  const date = parseHttpDate(value, now)
  return date === undefined ? undefined : Math.max(0, date - now)
}
