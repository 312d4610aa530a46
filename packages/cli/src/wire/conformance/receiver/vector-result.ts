import { judgeAnswer, type ReceiverVector } from '@taskhook/contract'
import { findFix } from './find-fix.ts'
import type { Answer } from './post-vector.ts'

/** What came of one vector, as it is printed. */
export interface VectorResult {
  name: string
  level: ReceiverVector['level']
  /** `advised`: right, and there is a better answer. */
  result: 'passed' | 'advised' | 'failed'
  expected: { outcome: ReceiverVector['expected']['outcome']; status?: number }
  /** What was answered; left out when nothing was. */
  status?: number
  /** What is wrong, in words. */
  advice?: string
  /** What to do about it. */
  fix?: string
}

/** Judges an answer. */
export function judgeVector(vector: ReceiverVector, answer: Answer): VectorResult {
  const { name, level, expected } = vector
  const { outcome } = expected
  const { result, advice } = judge(vector, answer)
  const status = 'status' in answer ? answer.status : undefined
  const fix = result === 'passed' ? undefined : findFix(vector, status)
  return {
    name,
    level,
    result,
    expected: { outcome, ...(outcome === 'refused' && { status: expected.status }) },
    ...(status !== undefined && { status }),
    ...(advice !== undefined && { advice }),
    ...(fix !== undefined && { fix }),
  }
}

function judge(vector: ReceiverVector, answer: Answer): Pick<VectorResult, 'result' | 'advice'> {
  if (!('status' in answer)) return judgeSilence(vector, answer)
  const { status } = answer
  if (vector.situation === 'body-cut-short' && status >= 500) {
    return {
      result: 'failed',
      advice: `${vector.why} Then a request that is whole was answered with ${status}.`,
    }
  }
  return judgeAnswer(vector, status)
}

/** A connection that ends is a refusal, and not a good one; a sender that waits is held up by either. */
function judgeSilence(
  { expected, why, situation }: ReceiverVector,
  { failure, detail }: Extract<Answer, { failure: string }>,
): Pick<VectorResult, 'result' | 'advice'> {
  // The sender ended this connection itself.
  if (situation === 'body-cut-short' && failure === 'closed') return { result: 'passed' }
  if (failure === 'closed') {
    const ending = expected.outcome === 'refused' ? `refuse it with ${expected.status}` : 'take it with a 2xx'
    return {
      result: expected.outcome === 'refused' ? 'advised' : 'failed',
      advice: `${why} The connection ended without an answer (${detail}): ${ending}.`,
    }
  }
  const what =
    failure === 'silent' ? 'There was no answer within 30 s' : `It cannot be reached any more (${detail})`
  return { result: 'failed', advice: `${why} ${what}.` }
}
