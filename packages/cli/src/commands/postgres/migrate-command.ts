import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, yesFlag } from '../../flags.ts'
import type { MigrateFlags } from './migrate-outbox.ts'
import { urlParameter } from './url-parameter.ts'

/** `taskhook migrate [url]` */
export const migrateCommand: Command<CliContext> = defineCommand<MigrateFlags, [string?]>({
  load: async () => (await import('./migrate-outbox.ts')).migrateOutbox,
  parameters: { flags: { ...outboxFlags, ...jsonFlag, ...yesFlag }, positional: urlParameter },
  docs: { brief: 'Make the tables of an outbox, or bring them to the newest version' },
})
