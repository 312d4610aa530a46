import { openLedger, type Ledger } from '@taskhook/outbox'
import type { CliContext } from '../cli-context.ts'
import { CommandError } from '../command-error.ts'
import type { OutboxFlags } from '../flags.ts'
import { findOutboxUrl } from './find-outbox-url.ts'

/**
 * Lends a command the ledger that its flags name, and closes it afterwards. It makes none: looking at an outbox that is not there is a
 * mistake in its name.
 *
 * @throws CommandError `outbox_not_given`, `usage_invalid`; OutboxError `ledger_missing` and what else a ledger throws when it is opened.
 */
export async function withLedger<Result>(
  context: CliContext,
  flags: OutboxFlags,
  use: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const url = findOutboxUrl(context, flags)
  if (flags.schema !== undefined && url.startsWith('sqlite:')) {
    throw new CommandError('usage_invalid', '--schema is for an outbox on PostgreSQL: SQLite has no schemas')
  }
  const ledger = await openLedger(url, {
    create: false,
    ...(flags.schema !== undefined && { schema: flags.schema }),
  })
  try {
    return await use(ledger)
  } finally {
    await ledger.close()
  }
}
