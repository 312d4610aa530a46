import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, type JsonFlag, type OutboxFlags } from '../../flags.ts'

/** `taskhook endpoints list` */
export const listCommand: Command<CliContext> = defineCommand<OutboxFlags & JsonFlag, []>({
  load: async () => (await import('./list-endpoints.ts')).listEndpoints,
  parameters: { flags: { ...outboxFlags, ...jsonFlag } },
  docs: { brief: 'List the endpoints and how each is doing' },
})
