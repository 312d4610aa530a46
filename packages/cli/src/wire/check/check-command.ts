import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag } from '../../flags.ts'
import type { CheckFlags } from './check-file.ts'

/** `taskhook check <file>` */
export const checkCommand: Command<CliContext> = defineCommand<CheckFlags, [file: string]>({
  load: async () => (await import('./check-file.ts')).checkFile,
  parameters: {
    flags: {
      connect: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Connect to each endpoint too; no request is sent',
      },
      expiresWithin: {
        kind: 'parsed',
        parse: String,
        default: '30',
        placeholder: 'days',
        brief: 'Warn of certificates that expire within so many days',
      },
      ...jsonFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'file', brief: 'The configuration file' }],
    },
  },
  docs: {
    brief: 'Check a configuration file: its webHook section, key files, certificates',
    fullDescription: `Check a configuration file: its webHook section, its key files, when certificates expire, and with --connect whether the
endpoints can be reached. Nothing is sent.

Exit codes: 0 all is well, warnings apart; 1 something is wrong; 4 an endpoint cannot be reached, and nothing else is wrong.`,
  },
})
