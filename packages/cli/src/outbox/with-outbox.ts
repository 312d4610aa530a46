import { createOutbox, openLedger, type Outbox } from '@taskhook/outbox'
import type { CliContext } from '../cli-context.ts'
import type { OutboxFlags } from '../flags.ts'
import { findOutboxUrl } from './find-outbox-url.ts'

/**
 * Lends a command the outbox that its flags name, and closes it afterwards. It makes none: looking at an outbox that is not there is a
 * mistake in its name.
 *
 * @throws CommandError `outbox_not_given`; OutboxError `ledger_missing` and what else a ledger throws when it is opened.
 */
export async function withOutbox<Result>(
  context: CliContext,
  flags: OutboxFlags,
  use: (outbox: Outbox) => Promise<Result>,
): Promise<Result> {
  const ledger = await openLedger(findOutboxUrl(context, flags), {
    create: false,
    ...(flags.schema !== undefined && { schema: flags.schema }),
  })
  try {
    return await use(createOutbox({ ledger }))
  } finally {
    await ledger.close()
  }
}
