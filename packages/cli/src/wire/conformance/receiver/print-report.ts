import type { CliContext } from '../../../cli-context.ts'
import type { Style } from '../../../output/style.ts'
import type { VectorResult } from './vector-result.ts'

/** What a run came to. */
export interface ReceiverReport {
  results: readonly VectorResult[]
  /** How many were not sent, because the receiver went away or refuses everything. */
  skipped: number
  isPlainTaken: boolean
}

/** Prints what is wrong and what to do, and how many vectors passed; with `json` a line for each vector, and one for the whole. */
export function printReport({ output }: CliContext, json: boolean, report: ReceiverReport): void {
  const { results, skipped, isPlainTaken } = report
  const count = (level: string, result: string): number =>
    results.filter((one) => one.level === level && one.result === result).length
  const advised = results.filter(({ result }) => result === 'advised').length
  const must = { failed: count('must', 'failed') }
  const should = { failed: count('should', 'failed') }
  if (json) {
    for (const result of results) output.printJson(result)
    const passed = results.length - must.failed - should.failed
    output.printJson({
      conforms: must.failed === 0,
      sent: results.length,
      passed,
      must,
      should,
      advised,
      skipped,
    })
    return
  }
  for (const line of writeFailures(results, output.style)) output.print(line)
  for (const line of writeAdvice(results, output.style)) output.print(line)
  if (!isPlainTaken) {
    output.print(
      'Nothing else was sent: a receiver that refuses everything refuses what it must, and that says nothing.',
    )
  } else if (skipped > 0) output.print(`${skipped} more were not sent.`)
  if (isStandardMissing(results)) {
    output.print(
      'It knows X-Signature alone, as it seems. That cannot stop a replay; to check the rest: --features x-signature',
    )
  }
  const { good, bad, warning } = output.style
  const paint = must.failed > 0 ? bad : should.failed > 0 ? warning : good
  const word = must.failed > 0 ? 'does not conform' : 'conforms'
  const passed = results.filter(({ result }) => result !== 'failed').length
  output.print(
    `${paint(word)}: ${passed} of ${results.length} passed; failed: ${must.failed} must, ${should.failed} should; advice: ${advised}`,
  )
}

/** What failed, those with one fix together. */
function writeFailures(results: readonly VectorResult[], { bad, warning, strong }: Style): string[] {
  return (['must', 'should'] as const).flatMap((level) => {
    const failed = results.filter((one) => one.level === level && one.result === 'failed')
    const groups = Map.groupBy(failed, ({ fix }) => fix)
    return Array.from(groups, ([fix, group]) => [
      ...group.map(
        ({ name, advice = '' }) =>
          `${(level === 'must' ? bad : warning)(level.padEnd(6))} ${strong(name)}: ${advice}`,
      ),
      ...(fix === undefined ? [] : [`       fix: ${fix}`]),
    ]).flat()
  })
}

/** What is right and could be better: a line for each pair of statuses, for most receivers refuse all with one. */
function writeAdvice(results: readonly VectorResult[], { faint }: Style): string[] {
  const advised = results.filter(({ result }) => result === 'advised')
  const groups = Map.groupBy(advised, ({ status, expected }) =>
    status === undefined
      ? `closed without an answer; refuse with ${expected.status}`
      : `refused with ${status}; ${expected.status} says more`,
  )
  return Array.from(groups, ([what, group]) => {
    const { fix } = group[0] as VectorResult
    const names = group.map(({ name }) => name).join(', ')
    return [`${faint('advice')} ${what}: ${names}`, ...(fix === undefined ? [] : [`       fix: ${fix}`])]
  }).flat()
}

/** Whether it takes each request that only the Standard Webhooks headers show to be no good, and none that has them alone. */
function isStandardMissing(results: readonly VectorResult[]): boolean {
  const names = new Set([
    'standard-only',
    'standard-forged',
    'replay-too-old',
    'replay-new-id',
    'sent-in-the-future',
  ])
  const found = results.filter(({ name }) => names.has(name))
  return found.length === names.size && found.every(({ result }) => result === 'failed')
}
