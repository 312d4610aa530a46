import { printable } from '../output/printable.ts'
import { formatDuration } from './format-duration.ts'

/** How an attempt ended: `204`, `503`, `connection_refused`. */
export function describeOutcome(attempt: { status?: number; errorCode?: string } | undefined): string {
  if (attempt === undefined) return ''
  const { status, errorCode } = attempt
  return [status, errorCode]
    .filter((part) => part !== undefined)
    .map((part) => printable(String(part)))
    .join(' ')
}

/** How an attempt ended, how long it took, and what was said. */
export function describeAttempt(attempt: {
  status?: number
  errorCode?: string
  errorMessage?: string
  durationInMs: number
}): string {
  const { durationInMs, errorMessage } = attempt
  const outcome = describeOutcome(attempt) || 'no answer'
  const said = errorMessage === undefined ? '' : `: ${printable(errorMessage)}`
  return `${outcome} in ${formatDuration(durationInMs)}${said}`
}
