import { WebhookError } from '@taskhook/core'
import { CommandError } from '../../command-error.ts'
import { forward } from './forward.ts'
import type { ReceivedVerdict } from './judge.ts'
import type { ReadRequest } from './read-request.ts'

/** What is answered to a request. */
export interface Answer {
  status: number
  headers: Record<string, string | string[]>
  body: Buffer | string
  /** Why it could not be forwarded. */
  failure?: string
}

/** Finds the answer to a request. */
export type Answerer = (
  request: ReadRequest,
  verdict: ReceivedVerdict,
  signal: AbortSignal,
) => Promise<Answer>

/**
 * Makes an answerer of the flags.
 *
 * @throws CommandError `usage_invalid`.
 */
export function createAnswerer({
  status,
  forwardTo,
}: {
  status: string | undefined
  forwardTo: string | undefined
}): Answerer {
  if (forwardTo !== undefined) {
    if (status !== undefined)
      throw new CommandError('usage_invalid', '--status and --forward-to exclude each other')
    const target = URL.parse(forwardTo)
    if (target === null || !/^https?:$/.test(target.protocol)) {
      throw new CommandError('usage_invalid', '--forward-to must be an http: or https: URL')
    }
    return (request, _verdict, signal) => forward(request, target, signal)
  }
  const statuses = readStatuses(status ?? '204')
  let next = 0
  return async (_request, verdict) => {
    if (verdict.outcome === 'refused') {
      const { status: refusal, code, message } = verdict
      const body = JSON.stringify(new WebhookError(code, message).toProblem())
      return { status: refusal, headers: { 'content-type': 'application/problem+json' }, body }
    }
    const index = Math.min(next, statuses.length - 1)
    next += 1
    return { status: statuses[index] ?? 204, headers: {}, body: '' }
  }
}

function readStatuses(text: string): number[] {
  return text.split(',').map((part) => {
    const status = Number(part)
    if (/^ *\d{3} *$/.test(part) && status >= 200 && status <= 599) return status
    throw new CommandError('usage_invalid', '--status must be codes from 200 to 599, separated by commas')
  })
}
