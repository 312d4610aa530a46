import { OptionError } from '@taskhook/core'
import { Temporal } from 'temporal-polyfill'

/**
 * The ISO-8601 durations of a fixed length: weeks to seconds, the last unit of time with a fraction. Wider than what
 * {@link resolveDuration} takes only in that every unit of time may have one.
 */
export const durationPattern: RegExp =
  /^\+?[Pp](?=[\dTt])(?:\d+[Ww])?(?:\d+[Dd])?(?:[Tt](?=\d)(?:\d+(?:[.,]\d+)?[Hh])?(?:\d+(?:[.,]\d+)?[Mm])?(?:\d+(?:[.,]\d+)?[Ss])?)?$/

const expectation =
  'must be an ISO-8601 duration such as "PT30S" or "P1DT12H", not negative, in weeks, days, hours, minutes and seconds (years and months have no fixed length)'

/**
 * The milliseconds of an ISO-8601 duration, rounded up to whole ones so that what is not zero stays so. A day is 24 hours.
 *
 * @throws OptionError when it is none, negative, or in years or months.
 * @example
 * resolveDuration('PT1M30S') // 90_000
 */
export function resolveDuration(iso: string): number {
  if (!durationPattern.test(iso)) throw new OptionError('duration', expectation)
  try {
    const { weeks, days, ...time } = fields(Temporal.Duration.from(iso))
    return Math.ceil(Temporal.Duration.from({ ...time, days: weeks * 7 + days }).total('milliseconds'))
  } catch (cause) {
    throw new OptionError('duration', expectation, { cause })
  }
}

// `total` wants a calendar date to count weeks from, although a week is always seven days.
function fields({
  weeks,
  days,
  hours,
  minutes,
  seconds,
  milliseconds,
  microseconds,
  nanoseconds,
}: Temporal.Duration) {
  return { weeks, days, hours, minutes, seconds, milliseconds, microseconds, nanoseconds }
}
