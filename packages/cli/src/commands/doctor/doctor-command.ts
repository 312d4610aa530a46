import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags } from '../../flags.ts'
import { parseDuration } from '../../parse-time.ts'
import type { DoctorFlags } from './examine.ts'

/** `taskhook doctor` */
export const doctorCommand: Command<CliContext> = defineCommand<DoctorFlags, []>({
  load: async () => (await import('./examine.ts')).examine,
  parameters: {
    flags: {
      config: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'The configuration file: its certificates, and whether the outbox fits it',
      },
      connect: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Connect to its endpoints too; no request is sent',
      },
      maxAge: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        placeholder: 'time',
        brief: 'How old the oldest pending delivery may be: 30s, 15m, 2h or 7d',
      },
      ...outboxFlags,
      ...jsonFlag,
    },
  },
  docs: {
    brief:
      'Look for what is wrong: schema, clocks, backlog, certificates, drift between configuration and outbox',
  },
})
