import type { Outbox } from '@taskhook/outbox'
import { createTaskDeliveries, type TaskDeliveries } from '@taskhook/outbox/tasks'
import type { CliContext } from '../cli-context.ts'
import type { OutboxFlags } from '../flags.ts'
import { withOutbox } from './with-outbox.ts'

/** Lends a command the deliveries of the outbox that its flags name, in the words of tasks. */
export async function withDeliveries<Result>(
  context: CliContext,
  flags: OutboxFlags,
  use: (deliveries: TaskDeliveries, outbox: Outbox) => Promise<Result>,
): Promise<Result> {
  return withOutbox(context, flags, (outbox) => use(createTaskDeliveries(outbox.deliveries), outbox))
}
