import { checkGivenOptions, OptionError } from '@taskhook/core'
import { checkLogger } from '@taskhook/outbox/tasks'
import type { SenderOptions } from './create-sender.ts'

/**
 * Checks what would otherwise fail when it is first used: long after `createSender`, and in a place that cannot tell the caller.
 *
 * @throws OptionError
 */
export function checkSenderOptions<T>(options: SenderOptions<T>): void {
  checkGivenOptions<SenderOptions<T>>(options, {
    webHook: true,
    outbox: true,
    retentionInMs: true,
    leaseInMs: true,
    logger: true,
    now: true,
  })
  const { outbox, logger, now, webHook } = options
  if (webHook === undefined || webHook === null) {
    throw new OptionError('webHook', 'must be the webHook section, as loadConfig() reads it')
  }
  if (outbox !== undefined && typeof outbox !== 'string' && typeof outbox?.enqueue !== 'function') {
    throw new OptionError('outbox', 'must be "sqlite:<file>", "postgres://…", or a ledger')
  }
  if (now !== undefined && typeof now !== 'function') throw new OptionError('now', 'must be a function')
  checkLogger(logger)
}
