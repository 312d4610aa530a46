import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags } from '../../flags.ts'
import { eventFlags } from '../../search-flags.ts'
import type { TailFlags } from './follow-outbox.ts'

/** `taskhook tail` */
export const tailCommand: Command<CliContext> = defineCommand<TailFlags, []>({
  load: async () => (await import('./follow-outbox.ts')).followOutbox,
  parameters: { flags: { ...eventFlags, ...outboxFlags, ...jsonFlag } },
  docs: { brief: 'What happens now, one line each, until Ctrl-C' },
})
