import { createOutbox, type Outbox } from '@taskhook/outbox'
import type { CliContext } from '../cli-context.ts'
import type { OutboxFlags } from '../flags.ts'
import { withLedger } from './with-ledger.ts'

/** Lends a command the outbox that its flags name, and closes it afterwards, see {@link withLedger}. */
export async function withOutbox<Result>(
  context: CliContext,
  flags: OutboxFlags,
  use: (outbox: Outbox) => Promise<Result>,
): Promise<Result> {
  return withLedger(context, flags, (ledger) => use(createOutbox({ ledger })))
}
