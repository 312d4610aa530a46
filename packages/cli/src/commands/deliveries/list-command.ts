import { type Command, numberParser } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags } from '../../flags.ts'
import { searchFlags } from '../../search-flags.ts'
import type { ListFlags } from './list-deliveries.ts'

/** `taskhook deliveries list` */
export const listCommand: Command<CliContext> = defineCommand<ListFlags, []>({
  load: async () => (await import('./list-deliveries.ts')).listDeliveries,
  parameters: {
    flags: {
      ...searchFlags,
      limit: {
        kind: 'parsed',
        parse: numberParser,
        default: '50',
        placeholder: 'count',
        brief: 'How many at most; the rest is said on stderr',
      },
      cursor: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'text',
        brief: 'Where the list before ended, as it said',
      },
      ...outboxFlags,
      ...jsonFlag,
    },
  },
  docs: { brief: 'List deliveries, latest accepted or resent first' },
})
