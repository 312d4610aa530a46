import { OptionError } from '@taskhook/core'
import type { SenderOptions } from './create-sender.ts'

type CheckedOptions = Required<Pick<SenderOptions, 'outbox' | 'leaseInMs' | 'now'>> & {
  logger: SenderOptions['logger'] | undefined
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const

/**
 * Checks what would otherwise fail when it is first used: long after `createSender`, and with nobody to catch it.
 *
 * @throws OptionError
 */
export function checkSenderOptions({ outbox, leaseInMs, logger, now }: CheckedOptions): void {
  if (typeof outbox !== 'string' && typeof outbox?.enqueue !== 'function') {
    throw new OptionError('outbox', 'must be "sqlite:<file>", "postgres://…", or a ledger')
  }
  if (!Number.isSafeInteger(leaseInMs) || leaseInMs < 1) {
    throw new OptionError('leaseInMs', 'must be a whole number of milliseconds, 1 or more')
  }
  if (typeof now !== 'function') throw new OptionError('now', 'must be a function')
  if (logger && !logLevels.every((level) => typeof logger[level] === 'function')) {
    throw new OptionError('logger', `must have the functions ${logLevels.join(', ')}`)
  }
}
