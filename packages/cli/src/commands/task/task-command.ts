import { type Command, numberParser } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags } from '../../flags.ts'
import { eventFlags } from '../../search-flags.ts'
import type { TaskFlags } from './show-task.ts'

const { endpoint, eventType } = eventFlags

/** `taskhook task <taskId>` */
export const taskCommand: Command<CliContext> = defineCommand<TaskFlags, [string]>({
  load: async () => (await import('./show-task.ts')).showTask,
  parameters: {
    flags: {
      endpoint,
      eventType,
      limit: {
        kind: 'parsed',
        parse: numberParser,
        default: '100',
        placeholder: 'count',
        brief: 'How many deliveries at most, the latest',
      },
      ...outboxFlags,
      ...jsonFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'taskId', brief: 'The id of the task' }],
    },
  },
  docs: { brief: 'What happened to a task: each event, endpoint and attempt, and what it waits for' },
})
