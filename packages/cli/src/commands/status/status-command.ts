import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags } from '../../flags.ts'
import { parseDuration, parseMoment } from '../../parse-time.ts'
import type { StatusFlags } from './show-status.ts'

/** `taskhook status` */
export const statusCommand: Command<CliContext> = defineCommand<StatusFlags, []>({
  load: async () => (await import('./show-status.ts')).showStatus,
  parameters: {
    flags: {
      maxAge: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        placeholder: 'time',
        brief: 'An operator must act when the oldest pending delivery is older: 30s, 15m, 2h or 7d',
      },
      since: {
        kind: 'parsed',
        parse(this: CliContext, text: string) {
          return parseMoment(text, this.now())
        },
        optional: true,
        placeholder: 'time',
        brief: 'Leave out exhausted deliveries that were accepted before: 2026-11-29T14:00Z, or 7d',
      },
      ...outboxFlags,
      ...jsonFlag,
    },
  },
  docs: { brief: 'How each endpoint is doing; exit code 1 when an operator must act' },
})
