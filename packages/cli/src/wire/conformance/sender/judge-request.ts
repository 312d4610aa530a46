import { createVerifier, WebhookError } from '@taskhook/core'
import type { ReadRequest } from '../../listen/read-request.ts'
import { explainClock } from '../../explain/explain-clock.ts'
import { explainMismatch, type Explanation } from '../../explain/explain-mismatch.ts'
import { judgeBody, type ReadBody } from './judge-body.ts'
import { problem, type SenderProblem } from './sender-problem.ts'

/** What a request is judged by. */
export interface SenderSetUp {
  /** None: signatures are not verified. */
  secrets: readonly string[]
  key?: string | undefined
  /** Asked before a signature is explained, which takes seconds. Default: always. */
  mayExplain?: () => boolean
}

/** A request, and how often each header is in it. */
export interface CountedRequest extends ReadRequest {
  counts: Readonly<Record<string, number>>
}

/** Judges one request by itself. `now` is when it came, in milliseconds since 1970. */
export async function judgeRequest(
  request: CountedRequest,
  setUp: SenderSetUp,
  now: number,
): Promise<ReadBody> {
  const { problems, ...read } = judgeBody(request.body)
  return {
    ...read,
    problems: [
      ...judgeHead(request, setUp),
      ...judgePresence(request, setUp),
      ...(await judgeSignatures(request, setUp)),
      ...judgeTimestamp(request, now),
      ...problems,
    ],
  }
}

function judgeHead({ method, url, headers, counts }: CountedRequest, { key }: SenderSetUp): SenderProblem[] {
  const problems: SenderProblem[] = []
  if (method !== 'POST') {
    problems.push(problem('must', 'method', 'The method is not POST.', 'Send each event with POST.'))
  }
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
    problems.push(
      problem(
        'must',
        'content-type',
        'The content type is not application/json.',
        'Send "Content-Type: application/json".',
      ),
    )
  }
  if (key !== undefined && new URL(url, 'http://127.0.0.1').searchParams.get('key') !== key) {
    problems.push(
      problem(
        'must',
        'key',
        '?key= is not that of the installation.',
        'Add the key to the query of the URL, encoded.',
      ),
    )
  }
  for (const name of signatureHeaders) {
    if ((counts[name] ?? 0) > 1) {
      problems.push(problem('must', 'header-twice', `${name} is there twice.`, 'Send each header once.'))
    }
  }
  return problems
}

const standardHeaders = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const
const signatureHeaders = ['x-signature', ...standardHeaders] as const

function judgePresence({ headers }: ReadRequest, { secrets }: SenderSetUp): SenderProblem[] {
  const problems: SenderProblem[] = []
  const found = standardHeaders.filter((name) => headers[name] !== undefined)
  const hasX = headers['x-signature'] !== undefined
  if (!hasX && headers['webhook-signature'] === undefined) {
    const level = secrets.length > 0 ? 'must' : 'should'
    const fix = 'Configure a secret, and sign: a receiver cannot tell otherwise who sends.'
    return [problem(level, 'not-signed', 'There is no signature.', fix)]
  }
  // A public key verifies webhook-signature alone.
  if (!hasX && !(secrets.length > 0 && secrets.every((secret) => secret.startsWith('whpk_')))) {
    const fix = 'Add X-Signature: the HMAC-SHA256 of the body in lower-case hex.'
    problems.push(problem('must', 'x-signature-missing', 'There is no X-Signature.', fix))
  }
  if (found.length > 0 && found.length < standardHeaders.length) {
    const missing = standardHeaders.filter((name) => !found.includes(name)).join(', ')
    const fix = 'Send all three, or none.'
    problems.push(
      problem('must', 'standard-incomplete', `Of the Standard Webhooks headers, ${missing} is missing.`, fix),
    )
  } else if (found.length === 0) {
    problems.push(
      problem(
        'should',
        'standard-missing',
        'There are no Standard Webhooks headers.',
        'Add webhook-id, webhook-timestamp and webhook-signature: X-Signature alone stops no replay, and shows no repeat.',
      ),
    )
  }
  if (hasX && !/^[\da-f]{64}$/.test(headers['x-signature'] ?? '')) {
    const fix =
      'Write it as 64 characters of lower-case hex, as the service does: not every receiver reads other forms.'
    problems.push(problem('should', 'x-signature-form', 'X-Signature is not lower-case hex.', fix))
  }
  return problems
}

/** Those that could be right: what is said of a timestamp or of a missing header comes first. */
async function judgeSignatures(
  { headers, ...request }: CountedRequest,
  { secrets, mayExplain = () => true }: SenderSetUp,
): Promise<SenderProblem[]> {
  const isComplete = standardHeaders.every((name) => headers[name] !== undefined)
  const { 'webhook-signature': standard, 'x-signature': x } = headers
  const signatures = {
    ...(x !== undefined && { 'x-signature': x }),
    ...(isComplete && isInSeconds(headers['webhook-timestamp'] ?? '') && { 'webhook-signature': standard }),
  }
  if (secrets.length === 0 || Object.keys(signatures).length === 0) return []
  const toVerify = { ...headers, 'x-signature': undefined, 'webhook-signature': undefined, ...signatures }
  if (await isAuthentic({ ...request, headers: toVerify }, secrets)) return []
  if (!mayExplain())
    return [problem('must', 'signature-wrong', 'Another signature is wrong too.', compareSecrets)]
  const explanations = await explainMismatch({ ...request, headers: toVerify, secrets })
  return explanations.flatMap((explanation) => describe(explanation))
}

/** Whether every signature verifies. To explain one that does not takes seconds. */
async function isAuthentic(
  request: { headers: Record<string, string | undefined>; url: string; body: Uint8Array },
  secrets: readonly string[],
): Promise<boolean> {
  const sentAt = Number(request.headers['webhook-timestamp']) * 1000
  const verifier = createVerifier({ secret: secrets, now: () => sentAt || 0 })
  try {
    await verifier.verify(request)
    return true
  } catch (error) {
    if (!WebhookError.isInstance(error)) throw error
    return error.status !== 401
  }
}

const compareSecrets = 'Compare the secrets of both sides, and sign the bytes that are sent.'

function isInSeconds(timestamp: string): boolean {
  return /^\d{1,12}$/.test(timestamp)
}

function describe({ header, outcome, causes }: Explanation): SenderProblem[] {
  if (outcome === 'right') return []
  const code = `${header}-wrong`
  if (causes.length === 0) {
    const text = `${header} is not that of the body; nothing that was tried explains it.`
    return [problem('must', code, text, compareSecrets)]
  }
  return causes.map(({ found, fix }) =>
    problem('must', code, `${header} is not that of the body. ${found}`, fix),
  )
}

const freshForInSeconds = 10

function judgeTimestamp({ headers }: ReadRequest, now: number): SenderProblem[] {
  const timestamp = headers['webhook-timestamp']
  if (timestamp === undefined) return []
  if (!/^\d{1,16}$/.test(timestamp)) {
    const fix = 'Write the seconds since 1970 as a whole number.'
    return [problem('must', 'timestamp', 'webhook-timestamp is no whole number.', fix)]
  }
  const cause = explainClock({ timestamp, now, toleranceInSeconds: 300 })
  if (cause !== undefined) return [problem('must', 'timestamp', cause.found, cause.fix)]
  const age = now / 1000 - Number(timestamp)
  if (Math.abs(age) <= freshForInSeconds) return []
  return [
    problem(
      'should',
      'timestamp-not-fresh',
      `webhook-timestamp is ${Math.round(Math.abs(age))} s ${age > 0 ? 'before' : 'after'} the request.`,
      'Take the time of each attempt, from a clock that is kept right.',
    ),
  ]
}
