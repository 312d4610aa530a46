import type { CliContext } from '../../cli-context.ts'
import type { JsonFlag, OutboxFlags, YesFlag } from '../../flags.ts'
import { withDeliveries } from '../../outbox/with-deliveries.ts'
import { changeEach } from './change-each.ts'

/** The flags of `deliveries cancel`. */
export type CancelFlags = OutboxFlags & JsonFlag & YesFlag

/** Cancels the deliveries named. */
export async function cancelDeliveries(
  context: CliContext,
  flags: CancelFlags,
  ...ids: string[]
): Promise<void> {
  await withDeliveries(context, flags, (deliveries) =>
    changeEach(context, flags, {
      ids,
      question: 'Cancel',
      change: (id) => deliveries.cancel(id),
      key: 'canceled',
      refusal: 'there is no pending delivery',
    }),
  )
}
