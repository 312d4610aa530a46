import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, type JsonFlag, type OutboxFlags } from '../../flags.ts'

/** `taskhook deliveries get <id>` */
export const getCommand: Command<CliContext> = defineCommand<OutboxFlags & JsonFlag, [string]>({
  load: async () => (await import('./get-delivery.ts')).getDelivery,
  parameters: {
    flags: { ...outboxFlags, ...jsonFlag },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'id', brief: 'What receivers get as webhook-id' }],
    },
  },
  docs: { brief: 'Show a delivery with its payload and its attempts' },
})
