import { OptionError, TaskhookError } from '@taskhook/core/errors'
import { CommandError, type CommandErrorCode } from './command-error.ts'
import { exitCodes } from './exit-codes.ts'

const ofCommandErrors: Readonly<Record<CommandErrorCode, number>> = {
  check_failed: exitCodes.failed,
  delivery_failed: exitCodes.failed,
  usage_invalid: exitCodes.usage,
  outbox_not_given: exitCodes.usage,
  confirmation_needed: exitCodes.usage,
  not_found: exitCodes.notFound,
  endpoint_unavailable: exitCodes.unavailable,
}

/** The exit code of a command that ended with an error. */
export function exitCodeOf(error: unknown): number {
  if (CommandError.isInstance(error)) return ofCommandErrors[error.code]
  if (OptionError.isInstance(error)) return exitCodes.usage
  if (!TaskhookError.isInstance(error)) return exitCodes.fault
  if (error.code === 'option_invalid') return exitCodes.usage
  if (error.code.startsWith('ledger_')) return exitCodes.unavailable
  return exitCodes.failed
}
