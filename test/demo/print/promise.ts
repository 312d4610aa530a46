import { styleText } from 'node:util'
import { verdict, type Print } from './table.ts'

/** What taskhook promises, and the demo puts to the test, in the words of its summary. */
export const promises = {
  arrival: 'A change reaches every receiver as a verified event',
  genuine: 'No handler sees what is not genuine',
  durable: 'An accepted event is not lost',
  ordered: 'The events of a task arrive in their order',
  once: 'An event has its effects once',
  independent: 'A receiver that is down does not hold up another one',
  visible: 'Every delivery can be looked up, with every attempt',
} as const
export type PromiseName = keyof typeof promises

/** One observation of a run, and the promise that it tests. */
export interface Finding {
  promise: PromiseName
  passed: boolean
  text: string
}

/** How many of the results passed, as a finding. */
export function countFinding(
  promise: PromiseName,
  results: readonly { passed: boolean }[],
  text: string,
): Finding {
  const good = results.filter(({ passed }) => passed).length
  return { promise, passed: good === results.length, text: `${good} of ${results.length} ${text}` }
}

/** Prints each promise that was tested with what was found of it. Returns how many were tested, and how many were kept. */
export function printPromises(findings: readonly Finding[], print: Print): { kept: number; tested: number } {
  let kept = 0
  let tested = 0
  for (const [name, words] of Object.entries(promises)) {
    const own = findings.filter(({ promise }) => promise === name)
    if (own.length === 0) continue
    const isKept = own.every(({ passed }) => passed)
    tested += 1
    if (isKept) kept += 1
    print(`  ${verdict(isKept, isKept ? '✓' : '✗')} ${styleText('bold', words)}`)
    for (const { passed, text } of own) print(`    ${passed ? ' ' : verdict(false, '✗')} ${text}`)
  }
  return { kept, tested }
}
