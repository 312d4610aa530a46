import type { CliContext } from '../../cli-context.ts'
import type { JsonFlag, OutboxFlags, YesFlag } from '../../flags.ts'
import { printable } from '../../output/printable.ts'
import { findEndpoint } from '../../outbox/find-endpoint.ts'
import { withOutbox } from '../../outbox/with-outbox.ts'

/** The flags of `pause` and `resume`. */
export type ChangeFlags = OutboxFlags & JsonFlag & YesFlag

/** Pauses an endpoint; whatever is pending there waits, and is kept. */
export async function pauseEndpoint(context: CliContext, flags: ChangeFlags, id: string): Promise<void> {
  await change(context, flags, { id, operation: 'pause', state: 'paused' })
}

/** Ends a pause, also that of an endpoint that is gone, and closes the circuit. */
export async function resumeEndpoint(context: CliContext, flags: ChangeFlags, id: string): Promise<void> {
  await change(context, flags, { id, operation: 'resume', state: 'resumed' })
}

async function change(
  context: CliContext,
  flags: ChangeFlags,
  { id, operation, state }: { id: string; operation: 'pause' | 'resume'; state: string },
): Promise<void> {
  const { output } = context
  await withOutbox(context, flags, async (outbox) => {
    const { pending } = await findEndpoint(outbox, id)
    const name = printable(id)
    if (!flags.yes) await output.confirm(`${operation} ${name}, where ${pending} deliveries are pending?`)
    await outbox.endpoints[operation](id)
    if (flags.json) output.printJson({ endpointId: id, [state]: true })
    else output.print(`${name} is ${state}`)
  })
}
