import { moveOutbox } from '@taskhook/postgres'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag, OutboxFlags, YesFlag } from '../../flags.ts'
import { namePlace } from '../../outbox/name-place.ts'
import { printable } from '../../output/printable.ts'
import { toTable } from '../../output/table.ts'

/** The flags of `move`. */
export type MoveFlags = Pick<OutboxFlags, 'schema'> & JsonFlag & YesFlag

/** Moves an outbox to PostgreSQL. Killed at any moment, it can be run again. */
export async function moveToPostgres(
  { output }: CliContext,
  flags: MoveFlags,
  from: string,
  to: string,
): Promise<void> {
  const { schema = 'taskhook' } = flags
  const file = /^sqlite:(.+)$/s.exec(from)?.[1]
  if (file === undefined) throw new CommandError('usage_invalid', 'from: must be sqlite:<file>')
  const [source, target] = [printable(file), namePlace(to, schema)]
  if (!/^postgres(ql)?:\/\//.test(to)) throw new CommandError('usage_invalid', 'to: must be postgres://…')
  if (!flags.yes) await output.confirm(`Move the outbox in ${source} to ${target}?`)

  const { moved, knownCount, endpointCount, wasMoved } = await moveOutbox({
    file,
    connectionString: to,
    schema,
  })
  if (flags.json) return output.printJson({ moved, knownCount, endpointCount, wasMoved })
  if (wasMoved) {
    return output.print(`The outbox in ${source} was moved to ${target} before. Nothing was left to do.`)
  }
  output.print(`Moved the outbox in ${source} to ${target}:`)
  const counts = Object.entries({ ...moved, 'already there': knownCount, endpoints: endpointCount })
  for (const line of toTable(counts.map(([name, count]) => [`  ${name}`, String(count).padStart(9)]))) {
    output.print(line)
  }
  output.note(
    `No sender takes ${source} any more. Its deliveries are still there, as taskhook_moved_*; drop those tables when you like.`,
  )
}
