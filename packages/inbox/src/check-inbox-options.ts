import { checkGivenOptions, OptionError } from '@taskhook/core'
import { checkLogger } from '@taskhook/outbox/tasks'
import type { InboxOptions } from './inbox-options.ts'

// What a timer of Node.js holds, 24.8 days.
const maxTimerInMs = 2 ** 31 - 1

/**
 * Checks what would otherwise fail when it is first used: long after `createInbox`, and in a place that cannot tell the caller.
 *
 * @throws OptionError
 */
export function checkInboxOptions<T, E>(options: InboxOptions<T, E>): void {
  checkGivenOptions<InboxOptions<T, E>>(options, {
    store: true,
    handler: true,
    transaction: true,
    schema: true,
    retryScheduleInMs: true,
    maxConcurrency: true,
    handlerTimeoutInMs: true,
    whenExhausted: true,
    crashLimit: true,
    idOf: true,
    taskIdOf: true,
    id: true,
    retentionInMs: true,
    leaseInMs: true,
    logger: true,
    now: true,
  })
  const { store, handler, schema, retryScheduleInMs, handlerTimeoutInMs, logger } = options ?? {}
  if (typeof handler !== 'function') throw new OptionError('handler', 'must be a function')
  if (options.transaction !== undefined && typeof options.transaction !== 'boolean') {
    throw new OptionError('transaction', 'must be true or false')
  }
  if (store !== undefined && typeof store !== 'string' && typeof store?.enqueue !== 'function') {
    throw new OptionError('store', 'must be "sqlite:<file>", "postgres://…", or a ledger')
  }
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') {
    throw new OptionError('schema', 'must be a Standard Schema, from zod, valibot or arktype for instance')
  }
  if (retryScheduleInMs !== undefined && !isSchedule(retryScheduleInMs)) {
    throw new OptionError('retryScheduleInMs', 'must have a wait for each call, in milliseconds, 0 or more')
  }
  for (const name of ['maxConcurrency', 'crashLimit'] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
      throw new OptionError(name, 'must be a positive integer')
    }
  }
  if (handlerTimeoutInMs !== undefined && !isTimeout(handlerTimeoutInMs)) {
    throw new OptionError('handlerTimeoutInMs', 'must be milliseconds, 1 or more, 24.8 days at most')
  }
  const { whenExhausted, id } = options
  if (whenExhausted !== undefined && whenExhausted !== 'continue' && whenExhausted !== 'hold') {
    throw new OptionError('whenExhausted', 'must be "continue" or "hold"')
  }
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw new OptionError('id', 'must be a non-empty string')
  }
  for (const name of ['idOf', 'taskIdOf', 'now'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new OptionError(name, 'must be a function')
    }
  }
  checkLogger(logger)
}

// A comparison alone takes `true` for 1, and throws an error without a code for a Symbol.
function isTimeout(value: unknown): boolean {
  return typeof value === 'number' && value >= 1 && value <= maxTimerInMs
}

function isSchedule(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((wait) => Number.isFinite(wait) && wait >= 0)
}
