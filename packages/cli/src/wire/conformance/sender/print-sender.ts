import type { CliContext } from '../../../cli-context.ts'
import { printable } from '../../../output/printable.ts'
import type { JudgedRequest, SenderVerdict } from './sender-session.ts'

/** Prints a request as it came, in one line. */
export function printRequest({ output }: CliContext, json: boolean, judged: JudgedRequest): void {
  if (json) return output.printJson(judged)
  const { at, delivery, taskId, eventType, answered, problems } = judged
  const { faint, good, bad, warning } = output.style
  const what = [eventType ?? 'a request', taskId === undefined ? '' : ` of task ${taskId}`].join('')
  const name = delivery === undefined ? '' : ` (${delivery})`
  const codes = [...new Set(problems.map(({ code }) => code))].join(', ')
  const paint = problems.some(({ level }) => level === 'must') ? bad : warning
  const word = problems.length === 0 ? good('ok') : paint(codes)
  output.print(
    `${faint(at.toISOString().slice(11, 19))} ${printable(`${what}${name}`)} -> ${answered} ${word}`,
  )
}

/** Prints what the sender does wrong, each problem once; with `json` as one line. */
export function printVerdict({ output }: CliContext, json: boolean, verdict: SenderVerdict): void {
  const { requests, taken, waiting } = verdict
  const groups = Map.groupBy(verdict.problems, ({ code, problem }) => `${code} ${problem}`)
  const problems = Array.from(groups.values(), (group) => {
    const { level, code, problem, fix, delivery } = group[0] as (typeof group)[number]
    return { level, code, problem, fix, count: group.length, ...(delivery !== undefined && { delivery }) }
  }).toSorted((one, other) => one.level.localeCompare(other.level))
  const must = problems.filter(({ level }) => level === 'must').length
  const should = problems.length - must
  if (json) {
    const summary = { requests, taken, waiting, must: { failed: must }, should: { failed: should } }
    return output.printJson({ conforms: must === 0, ...summary, problems })
  }
  const { good, bad, warning, strong } = output.style
  for (const { level, code, problem, fix, count, delivery } of problems) {
    const where = delivery === undefined ? '' : ` (${count === 1 ? '' : `${count} times, first `}${delivery})`
    const word = (level === 'must' ? bad : warning)(level.padEnd(6))
    output.print(`${word} ${strong(code)}: ${printable(`${problem}${where}`)}`)
    output.print(`       fix: ${fix}`)
  }
  const word = must > 0 ? bad('does not conform') : (should > 0 ? warning : good)('conforms')
  const open = waiting === 0 ? '' : `, ${waiting} still to come again`
  output.print(
    `${word}: requests: ${requests}, deliveries taken: ${taken}${open}; failed: ${must} must, ${should} should`,
  )
}
