import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, yesFlag } from '../../flags.ts'
import type { CancelFlags } from './cancel-deliveries.ts'
import { idsParameter } from './ids-parameter.ts'

/** `taskhook deliveries cancel <id…>` */
export const cancelCommand: Command<CliContext> = defineCommand<CancelFlags, string[]>({
  load: async () => (await import('./cancel-deliveries.ts')).cancelDeliveries,
  parameters: {
    flags: { ...outboxFlags, ...jsonFlag, ...yesFlag },
    positional: { ...idsParameter, minimum: 1 },
  },
  docs: { brief: 'Give pending deliveries up, and let the next ones of their tasks through' },
})
