import type { WebhookError } from '@taskhook/core'
import type { Cause } from './causes.ts'
import { explainClock } from './explain-clock.ts'
import { explainMismatch, type Explanation, type RefusedRequest } from './explain-mismatch.ts'
import { listClues } from './list-clues.ts'

/** Why a request was refused. */
export interface RefusalExplanation {
  /** What was found of each signature that the request carries. */
  signatures: readonly Pick<Explanation, 'header' | 'outcome'>[]
  /** What is wrong, each once. Proven. */
  causes: readonly Cause[]
  /** What is unusual and may be the cause. It is there only if no cause is proven. */
  clues: readonly string[]
}

const defaultToleranceInSeconds = 300

/** Explains a refusal as far as its signatures and its clock go; what else is wrong with a request, the refusal says itself. */
export async function explainRefusal(
  { code }: Pick<WebhookError, 'code'>,
  request: RefusedRequest,
  now: number,
): Promise<RefusalExplanation> {
  const signatures = aboutSignatures.has(code) ? await explainMismatch(request) : []
  const timestamp = request.headers['webhook-timestamp']
  const clock =
    timestamp === undefined
      ? undefined
      : explainClock({ timestamp, now, toleranceInSeconds: defaultToleranceInSeconds })
  const causes = [
    ...signatures.flatMap((signature) => signature.causes),
    ...(clock === undefined ? [] : [clock]),
  ]
  const isProven = causes.some(({ code: found }) => found !== 'clock_off') || !aboutSignatures.has(code)
  return {
    signatures: signatures.map(({ header, outcome }) => ({ header, outcome })),
    causes: [...new Map(causes.map((cause) => [`${cause.code} ${cause.found}`, cause])).values()],
    clues: isProven ? [] : listClues(request),
  }
}

const aboutSignatures: ReadonlySet<string> = new Set([
  'signature_mismatch',
  'signature_malformed',
  'signature_missing',
  'timestamp_missing',
])
