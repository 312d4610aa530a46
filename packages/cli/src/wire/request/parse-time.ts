import { OptionError } from '@taskhook/core'

/** A time on the command line: ISO 8601, or seconds since 1970 as `webhook-timestamp` has them. Milliseconds since 1970. */
export function parseTime(text: string): number {
  const time = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (Number.isFinite(time)) return time
  throw new OptionError('at', 'must be a time such as 2026-11-29T12:00:00Z, or seconds since 1970')
}
