import { OptionError } from './option-error.ts'
import type { BodyLimits } from './read-stream.ts'

/** The options of a receiver that say how much is read, and for how long. */
export interface BodyLimitOptions {
  bodyLimitInBytes?: number | undefined
  bodyTimeoutInMs?: number | false | undefined
}

// 500 times the size of an event.
const defaultLimitInBytes = 65_536
const defaultTimeoutInMs = 30_000
// The most that a timer of Node.js holds.
const longestTimeoutInMs = 2 ** 31 - 1

/**
 * The limits of a body, for what reads it.
 *
 * @throws OptionError for one that cannot be.
 */
export function readBodyLimits({
  bodyLimitInBytes: limitInBytes = defaultLimitInBytes,
  bodyTimeoutInMs = defaultTimeoutInMs,
}: BodyLimitOptions): BodyLimits {
  if (!Number.isSafeInteger(limitInBytes) || limitInBytes < 1) {
    throw new OptionError('bodyLimitInBytes', 'must be a positive integer')
  }
  const timeoutInMs = bodyTimeoutInMs === false ? 0 : bodyTimeoutInMs
  if (!Number.isSafeInteger(timeoutInMs) || timeoutInMs < 0 || timeoutInMs > longestTimeoutInMs) {
    throw new OptionError(
      'bodyTimeoutInMs',
      `must be a number of milliseconds, from 1 to ${longestTimeoutInMs}, or false for no limit`,
    )
  }
  return { limitInBytes, timeoutInMs }
}
