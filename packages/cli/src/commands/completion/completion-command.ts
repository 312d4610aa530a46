import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import type { Shell } from './print-completion.ts'

/** `taskhook completion <shell>` */
export const completionCommand: Command<CliContext> = defineCommand<object, [Shell]>({
  load: async () => (await import('./print-completion.ts')).printCompletion,
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: (text) => text as Shell,
          placeholder: 'shell',
          brief: 'bash, zsh, fish or powershell',
        },
      ],
    },
  },
  docs: {
    brief: 'Print the completions of a shell: source <(taskhook completion bash)',
  },
})
