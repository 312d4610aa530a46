import { createVerifier, WebhookError } from '@taskhook/core'
import { explainRefusal } from '../explain/explain-refusal.ts'
import { toRefused, toVerified, type Verdict } from '../verdict.ts'
import type { ReadRequest } from './read-request.ts'

/** A verdict, or that there is no secret to come to one. */
export type ReceivedVerdict = Verdict | { outcome: 'unverified'; method: string; bytes: number }

/** Comes to a verdict on a request. */
export type Judge = (request: ReadRequest) => Promise<{ at: Date; verdict: ReceivedVerdict }>

/** Makes a judge. Without a secret it takes the events of unsigned requests, and says that they are not verified. */
export function createJudge({
  secrets,
  explain,
  now,
}: {
  secrets: readonly string[]
  explain: boolean
  now: () => number
}): Judge {
  const verifier =
    secrets.length === 0 ? undefined : createVerifier({ secret: secrets, now, contentType: 'required' })
  return async (request) => {
    const at = new Date(now())
    const { method, url, headers, body } = request
    if (verifier === undefined) return { at, verdict: { outcome: 'unverified', method, bytes: body.length } }
    try {
      return { at, verdict: toVerified(await verifier.verify({ url, headers, body })) }
    } catch (error) {
      if (!WebhookError.isInstance(error)) throw error
      const explanation = explain
        ? await explainRefusal(error, { headers, body, url, secrets }, at.getTime())
        : undefined
      return { at, verdict: toRefused(error, explanation) }
    }
  }
}
