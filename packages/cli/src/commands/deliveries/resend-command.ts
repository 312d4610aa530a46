import { type Command, numberParser } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, yesFlag } from '../../flags.ts'
import { searchFlags } from '../../search-flags.ts'
import { idsParameter } from './ids-parameter.ts'
import type { ResendFlags } from './resend-deliveries.ts'

/** `taskhook deliveries resend [id…]` */
export const resendCommand: Command<CliContext> = defineCommand<ResendFlags, string[]>({
  load: async () => (await import('./resend-deliveries.ts')).resendDeliveries,
  parameters: {
    flags: {
      ...searchFlags,
      all: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'All that are exhausted, without any filter',
      },
      perSecond: {
        kind: 'parsed',
        parse: numberParser,
        default: '20',
        placeholder: 'count',
        brief: 'How many a second',
      },
      ...outboxFlags,
      ...jsonFlag,
      ...yesFlag,
    },
    positional: idsParameter,
  },
  docs: {
    brief:
      'Deliver once more: those named, or all that match, the exhausted ones unless --state says otherwise',
  },
})
