/** What a sender does wrong, in one request or over several. */
export interface SenderProblem {
  /** `must`: receivers refuse it, or lose events. `should`: some receivers have trouble with it. */
  level: 'must' | 'should'
  code: string
  /** What is wrong, in words. */
  problem: string
  /** What to do about it. */
  fix: string
}

/** Makes a problem. */
export function problem(
  level: SenderProblem['level'],
  code: string,
  text: string,
  fix: string,
): SenderProblem {
  return { level, code, problem: text, fix }
}
