import { cause, type Cause } from './causes.ts'

/** A timestamp, and what it is held against. */
export interface ClockReading {
  /** As `webhook-timestamp` has it. */
  timestamp: string
  /** Milliseconds since 1970. */
  now: number
  toleranceInSeconds: number
}

const hour = 3600
// What a request takes, and clocks that are nearly right.
const nearlyInSeconds = 120

/** Says what is wrong with a timestamp that verification refuses; `undefined` when nothing is. */
export function explainClock({ timestamp, now, toleranceInSeconds }: ClockReading): Cause | undefined {
  if (!/^\d{1,16}$/.test(timestamp)) return undefined
  if (timestamp.length > 12) return cause('timestamp_milliseconds')
  const difference = Math.floor(now / 1000) - Number(timestamp)
  if (Math.abs(difference) <= toleranceInSeconds) return undefined
  const hours = Math.round(difference / hour)
  const isWholeHours =
    Math.abs(hours) <= 14 && hours !== 0 && Math.abs(difference - hours * hour) <= nearlyInSeconds
  return cause(
    'clock_off',
    `the request is ${formatSeconds(Math.abs(difference))} ${difference > 0 ? 'old' : 'from the future'}` +
      (isWholeHours ? ', which is whole hours: a local time may have been taken for UTC' : ''),
  )
}

function formatSeconds(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', hour],
    ['minute', 60],
  ] as const
  const [name, length] = units.find(([, unit]) => seconds >= 2 * unit) ?? ['second', 1]
  const count = Math.round(seconds / length)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
