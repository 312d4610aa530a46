import type { CliContext } from '../cli-context.ts'
import { CommandError } from '../command-error.ts'
import type { OutboxFlags } from '../flags.ts'

/**
 * Where the outbox is: as `--outbox` says, or else `TASKHOOK_OUTBOX`.
 *
 * @throws CommandError `outbox_not_given`.
 */
export function findOutboxUrl({ env }: Pick<CliContext, 'env'>, { outbox }: OutboxFlags): string {
  const url = outbox ?? env['TASKHOOK_OUTBOX']
  if (url !== undefined && url !== '') return url
  throw new CommandError(
    'outbox_not_given',
    'say where the outbox is: --outbox sqlite:<file> or --outbox postgres://…, or set TASKHOOK_OUTBOX',
  )
}
