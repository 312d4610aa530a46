import type { Outbox } from '@taskhook/outbox'
import type { TaskDeliveries } from '@taskhook/outbox/tasks'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag, OutboxFlags, YesFlag } from '../../flags.ts'
import { checkEndpoint } from '../../outbox/find-endpoint.ts'
import { withDeliveries } from '../../outbox/with-deliveries.ts'
import { formatDuration } from '../../render/format-duration.ts'
import { toFilter, type SearchFlags } from '../../search-flags.ts'
import { changeEach } from './change-each.ts'

/** The flags of `deliveries resend`. */
export interface ResendFlags extends SearchFlags, OutboxFlags, JsonFlag, YesFlag {
  all: boolean
  perSecond: number
}

/** Resends the deliveries named, or all that match. */
export async function resendDeliveries(
  context: CliContext,
  flags: ResendFlags,
  ...ids: string[]
): Promise<void> {
  const filter = toFilter(flags)
  const hasFilter = flags.all || Object.values(filter).some((value) => value !== undefined)
  if (hasFilter === ids.length > 0) {
    throw new CommandError('usage_invalid', 'name deliveries by their ids, or give filters, or --all')
  }
  if (!Number.isFinite(flags.perSecond) || flags.perSecond <= 0) {
    throw new CommandError('usage_invalid', '--per-second must be a positive number')
  }
  await withDeliveries(context, flags, async (deliveries, outbox) => {
    if (ids.length > 0) {
      return changeEach(context, flags, {
        ids,
        question: 'Resend',
        change: (id) => deliveries.resend(id),
        key: 'resent',
        refusal: 'there is no delivery',
      })
    }
    await resendMatching(context, flags, { deliveries, outbox })
  })
}

const maxCount = 1_000_000

async function resendMatching(
  { output, signal }: CliContext,
  flags: ResendFlags,
  { deliveries, outbox }: { deliveries: TaskDeliveries; outbox: Outbox },
): Promise<void> {
  const { perSecond } = flags
  const filter = { ...toFilter(flags), state: flags.state ?? ('exhausted' as const) }
  const { count, isExact } = await deliveries.count(filter, { limit: maxCount })
  // A name that was mistyped is no endpoint of which nothing is to be resent.
  if (count === 0) await checkEndpoint(outbox, flags.endpoint)
  const matched = `${isExact ? count : `more than ${count}`} ${filter.state} deliveries`
  const plan = `${matched} at ${perSecond} a second: ${formatDuration((count / perSecond) * 1000)}`
  if (count > 0) {
    if (flags.yes) output.note(`Resending ${plan}`)
    else await output.confirm(`Resend ${plan}?`)
  }

  let last = { resent: 0, total: count }
  const sayWhere = (): void => output.note(`Stopped: ${last.resent} of ${last.total} are resent.`)
  signal.addEventListener('abort', sayWhere)
  const { resent } = await deliveries.resendAll(filter, {
    perSecond,
    signal,
    onProgress(progress) {
      last = progress
      output.progress(`${progress.resent} of ${progress.total} resent`)
    },
  })
  signal.removeEventListener('abort', sayWhere)
  if (flags.json) output.printJson({ resent })
  else output.print(`${resent} resent`)
}
