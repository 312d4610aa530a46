import { OptionError } from '@taskhook/core'
import type { LoggerLike } from './observe/log-messages.ts'

const levels: readonly (keyof LoggerLike)[] = ['debug', 'info', 'warn', 'error']

/**
 * Checks a logger, if there is one.
 *
 * @throws OptionError
 */
export function checkLogger(logger: LoggerLike | undefined): void {
  if (logger === undefined || levels.every((level) => typeof logger?.[level] === 'function')) return
  throw new OptionError('logger', `must have the functions ${levels.join(', ')}`)
}
