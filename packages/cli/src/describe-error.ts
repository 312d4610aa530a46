import { TaskhookError } from '@taskhook/core/errors'
import { printable } from './output/printable.ts'

/** An error in one line: its code, its message and its cause. A fault of taskhook itself comes with its stack. */
export function describeError(error: unknown): string {
  // It may quote what was typed or received. Some messages have several lines.
  return describe(error).split('\n').map(printable).join('\n')
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `taskhook: ${String(error)}`
  if (!TaskhookError.isInstance(error)) return `taskhook has a fault: ${error.stack ?? error.message}`
  return `taskhook: ${error.code}: ${[error.message, ...listCauses(error)].join(': ')}`
}

function listCauses({ cause }: Error): string[] {
  if (!(cause instanceof Error)) return []
  // Of a name with several addresses there is an error for each, and no message for all.
  const [first] = cause instanceof AggregateError ? (cause.errors as unknown[]) : []
  const message = cause.message || (first instanceof Error ? first.message : cause.name)
  return [message, ...listCauses(cause)]
}
