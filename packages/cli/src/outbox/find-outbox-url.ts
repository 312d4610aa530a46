import { existsSync } from 'node:fs'
import type { CliContext } from '../cli-context.ts'
import { CommandError } from '../command-error.ts'
import type { OutboxFlags } from '../flags.ts'
import { shellWord } from '../output/shell-word.ts'

/**
 * Where the outbox is: as `--outbox` says, or else `TASKHOOK_OUTBOX`.
 *
 * @throws CommandError `outbox_not_given`; `usage_invalid` when it is the name of a file, without `sqlite:`.
 */
export function findOutboxUrl({ env }: Pick<CliContext, 'env'>, { outbox }: OutboxFlags): string {
  const url = outbox ?? env['TASKHOOK_OUTBOX']
  if (url !== undefined && url !== '') {
    checkScheme(url)
    return url
  }
  throw new CommandError(
    'outbox_not_given',
    'say where the outbox is: --outbox sqlite:<file> or --outbox postgres://…, or set TASKHOOK_OUTBOX',
  )
}

/** The mistake that is made most. The text is shown only when there is a file of that name: elsewhere a password may be in it. */
function checkScheme(url: string): void {
  if (/^(sqlite|postgres(ql)?):/.test(url) || !existsSync(url)) return
  throw new CommandError('usage_invalid', `the outbox is a file: write ${shellWord(`sqlite:${url}`)}`)
}
