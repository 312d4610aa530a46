import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, yesFlag } from '../../flags.ts'
import type { MoveFlags } from './move-to-postgres.ts'

const { schema } = outboxFlags

/** `taskhook move <from> <to>` */
export const moveCommand: Command<CliContext> = defineCommand<MoveFlags, [string, string]>({
  load: async () => (await import('./move-to-postgres.ts')).moveToPostgres,
  parameters: {
    flags: { schema, ...jsonFlag, ...yesFlag },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, placeholder: 'from', brief: 'sqlite:<file>' },
        { parse: String, placeholder: 'to', brief: 'postgres://…' },
      ],
    },
  },
  docs: { brief: 'Move an outbox from SQLite to PostgreSQL, while no process uses it' },
})
