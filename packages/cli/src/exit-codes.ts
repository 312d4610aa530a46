import { OptionError, TaskhookError } from '@taskhook/core/errors'
import { CommandError, type CommandErrorCode } from './command-error.ts'

/** What the command's exit code says. */
export const exitCodes = {
  /** What was asked is done. */
  done: 0,
  /** A check failed, or a delivery did; `status` and `doctor`: an operator has to act. */
  failed: 1,
  /** The command line is wrong, and nothing was done. */
  usage: 2,
  /** The delivery, task or endpoint is not known. */
  notFound: 3,
  /** The outbox, or the endpoint, cannot be reached. */
  unavailable: 4,
  /** A fault of taskhook itself; please report it. */
  fault: 70,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const

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
