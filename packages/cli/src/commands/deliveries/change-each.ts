import type { CliContext } from '../../cli-context.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { JsonFlag, YesFlag } from '../../flags.ts'
import { printable } from '../../output/printable.ts'

/** A change of some deliveries, one after the other. */
export interface Change {
  ids: readonly string[]
  /** What is asked: `Cancel`. */
  question: string
  /** Whether it was made. */
  change: (id: string) => Promise<boolean>
  /** What it is afterwards: `canceled`. */
  key: 'resent' | 'canceled'
  /** Why it was not made. */
  refusal: string
}

/** Changes each of the deliveries named. Those that cannot be are said, and the others are changed all the same; the exit code is 3 then. */
export async function changeEach(
  { output, exitWith }: CliContext,
  flags: JsonFlag & YesFlag,
  { ids, question, change, key, refusal }: Change,
): Promise<void> {
  const names = ids.length === 1 ? printable(ids[0]!) : `${ids.length} deliveries`
  if (!flags.yes) await output.confirm(`${question} ${names}?`)
  for (const id of ids) {
    const isChanged = await change(id)
    if (flags.json) output.printJson({ id, [key]: isChanged })
    else if (isChanged) output.print(`${printable(id)} is ${key}`)
    if (isChanged) continue
    output.note(`taskhook: not_found: ${refusal} "${printable(id)}"`)
    exitWith(exitCodes.notFound)
  }
}
