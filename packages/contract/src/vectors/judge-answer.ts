import type { ReceiverVector } from './receiver-vector.ts'

/** What is to be said of a receiver's answer. */
export interface AnswerVerdict {
  /** `failed`: wrong. `advised`: right, and there is a better status. */
  result: 'passed' | 'advised' | 'failed'
  /** What is wrong and what to do, in words. A vector that passed has none. */
  advice?: string
}

/**
 * Judges the status that a receiver answers a vector with. Whether it is a 2xx decides: a sender looks at nothing else. Which other status
 * it is, is advice.
 */
export function judgeAnswer({ expected, why }: ReceiverVector, status: number): AnswerVerdict {
  const isTaken = status >= 200 && status < 300
  if (expected.outcome === 'refused') {
    if (isTaken) {
      return {
        result: 'failed',
        advice: `${why} It was taken with ${status}: refuse it with ${expected.status}.`,
      }
    }
    if (status === 410) {
      return { result: 'failed', advice: `${why} 410 ends all sending: refuse it with ${expected.status}.` }
    }
    return status === expected.status
      ? { result: 'passed' }
      : { result: 'advised', advice: `${why} It was refused with ${status}: ${expected.status} says more.` }
  }
  if (isTaken) return { result: 'passed' }
  const ending = expected.outcome === 'event' ? 'take it with a 2xx' : 'acknowledge it with a 2xx'
  return { result: 'failed', advice: `${why} It was refused with ${status}: ${ending}.` }
}

/** Whether a vector needs nothing of a receiver but this secret: neither another set-up nor a situation. */
export function isForAnyReceiver({ receiver, situation }: ReceiverVector, secret: string): boolean {
  const { secrets, ...more } = receiver
  const isPlain = secrets.length === 1 && secrets[0] === secret && Object.keys(more).length === 0
  return situation === undefined && isPlain
}
