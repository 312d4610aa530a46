import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { outboxFlags } from '../../flags.ts'
import type { GrantsFlags } from './print-grants.ts'

const { schema } = outboxFlags

/** `taskhook grants <part> <role>` */
export const grantsCommand: Command<CliContext> = defineCommand<GrantsFlags, [string, string]>({
  load: async () => (await import('./print-grants.ts')).printGrants,
  parameters: {
    flags: { schema },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, placeholder: 'part', brief: 'enqueue, deliver or read' },
        { parse: String, placeholder: 'role', brief: 'A role of PostgreSQL' },
      ],
    },
  },
  docs: { brief: 'Print the SQL that lets a role of PostgreSQL do its part in an outbox' },
})
