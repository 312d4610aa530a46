import type { DeliveryChange } from '@taskhook/outbox/tasks'
import type { CliContext } from '../../cli-context.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { printable } from '../../output/printable.ts'
import type { Style } from '../../output/style.ts'
import { withDeliveries } from '../../outbox/with-deliveries.ts'
import { describeOutcome } from '../../render/describe-attempt.ts'
import { describeWait } from '../../render/describe-wait.ts'
import { formatMoment } from '../../render/format-moment.ts'
import { toFilter, type SearchFlags } from '../../search-flags.ts'

/** The flags of `tail`. */
export type TailFlags = Pick<SearchFlags, 'task' | 'endpoint' | 'eventType'> & OutboxFlags & JsonFlag

/** Prints what becomes of deliveries, from now on. */
export async function followOutbox(context: CliContext, flags: TailFlags): Promise<void> {
  const { output, signal } = context
  const { state: _, ...filter } = toFilter(flags)
  const onReady = (): void => output.note('Following. Ctrl-C ends it.')
  await withDeliveries(context, flags, async (deliveries) => {
    for await (const { kind, delivery } of deliveries.follow(filter, { signal, onReady })) {
      const at = new Date(context.now())
      if (flags.json) output.printJson({ at, kind, ...delivery })
      else output.print(describe({ kind, delivery }, { at, style: output.style }))
    }
  })
}

function describe({ kind, delivery }: DeliveryChange, { at, style }: { at: Date; style: Style }): string {
  const { taskId, eventType, endpointId, lastAttempt, attemptCount } = delivery
  const paint = { delivered: style.good, exhausted: style.bad, attempted: style.warning }[kind as string]
  const words = kind === 'attempted' ? 'failed' : kind
  const outcome = attemptCount > 0 && kind !== 'resent' ? describeOutcome(lastAttempt) : ''
  const wait = kind === 'attempted' ? describeWait(delivery, at.getTime()) : undefined
  return [
    formatMoment(at),
    (paint ?? style.strong)(words.padEnd('delivered'.length)),
    `${printable(eventType)} of ${printable(taskId)} to ${printable(endpointId)}`,
    ...[outcome, wait].filter(Boolean),
  ].join('  ')
}
