import { openLedger } from '@taskhook/outbox'
import type { CliContext } from '../../cli-context.ts'
import type { JsonFlag, OutboxFlags, YesFlag } from '../../flags.ts'
import { findOutboxUrl } from '../../outbox/find-outbox-url.ts'
import { namePlace } from '../../outbox/name-place.ts'

/** The flags of `migrate`. */
export type MigrateFlags = OutboxFlags & JsonFlag & YesFlag

/** Makes the tables of an outbox. What is there already is left as it is. */
export async function migrateOutbox(context: CliContext, flags: MigrateFlags, given?: string): Promise<void> {
  const { output } = context
  const { schema = 'taskhook' } = flags
  const url = findOutboxUrl(context, { outbox: given ?? flags.outbox })
  const place = namePlace(url, schema)
  if (!flags.yes) await output.confirm(`Make the tables of the outbox in ${place}, or bring them up to date?`)
  const ledger = await openLedger(url, { schema })
  await ledger.close()
  if (flags.json) output.printJson({ outbox: place, isUpToDate: true })
  else output.print(`The outbox in ${place} is up to date.`)
}
