import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags } from '../../flags.ts'
import type { DashboardFlags } from './serve-dashboard.ts'

/** `taskhook dashboard` */
export const dashboardCommand: Command<CliContext> = defineCommand<DashboardFlags, []>({
  load: async () => (await import('./serve-dashboard.ts')).serveDashboard,
  parameters: {
    flags: {
      port: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'number',
        brief: 'The port to listen on, of this machine alone  [default: any that is free]',
      },
      readOnly: { kind: 'boolean', default: false, withNegated: false, brief: 'Let nothing be changed' },
      ...outboxFlags,
      ...jsonFlag,
    },
  },
  docs: {
    brief: 'The same as web pages, for a browser on this machine, until Ctrl-C',
    fullDescription: `Prints the address of the pages, and serves them until Ctrl-C. It listens on 127.0.0.1 alone. The address holds a random path: other users of
this machine do not know it.`,
  },
})
