import { CommandError } from './command-error.ts'

const unitsInMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A length of time, `30s`, `15m`, `2h` or `7d`, in milliseconds.
 *
 * @throws CommandError `usage_invalid`.
 */
export function parseDuration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const unitInMs = unitsInMs[unit]
  if (unitInMs === undefined) throw new CommandError('usage_invalid', 'must be like 30s, 15m, 2h or 7d')
  return Number(count) * unitInMs
}

/**
 * A moment: a time in ISO 8601, in UTC unless it says otherwise, or how long ago it was, `2h` for example.
 *
 * @throws CommandError `usage_invalid`.
 */
export function parseMoment(text: string, now: number): Date {
  if (/^\d{1,9}[smhd]$/.test(text)) return new Date(now - parseDuration(text))
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  // JavaScript reads a time without a zone as local, and a date without one as UTC.
  const hasZone = iso?.groups?.['zone'] !== undefined || !text.includes('T')
  const moment = new Date(hasZone ? text : `${text}Z`)
  // JavaScript takes 30 February for 2 March.
  const day = text.slice(0, 10)
  const midnight = new Date(`${day}T00:00Z`)
  const isOfCalendar =
    iso !== null && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
  if (isOfCalendar && !Number.isNaN(moment.getTime())) return moment
  throw new CommandError('usage_invalid', 'must be a time like 2026-11-29T14:00Z, or how long ago, like 2h')
}
