import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag } from '../../flags.ts'
import { secretFlags } from '../secret/secret-flags.ts'
import type { SignFlags } from './sign-body.ts'

/** `taskhook sign [file]` */
export const signCommand: Command<CliContext> = defineCommand<SignFlags, [file?: string]>({
  load: async () => (await import('./sign-body.ts')).signBody,
  parameters: {
    flags: {
      ...secretFlags,
      id: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'id',
        brief: 'The delivery id, webhook-id  [default: a random one]',
      },
      at: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'time',
        brief: 'When it is sent, webhook-timestamp: ISO 8601, or seconds since 1970  [default: now]',
      },
      ...jsonFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, placeholder: 'file', optional: true, brief: 'The body; - is stdin, the default' },
      ],
    },
  },
  docs: {
    brief: 'Sign a body: print the headers of both signatures',
    fullDescription: `Sign a body: print the headers of both signatures, X-Signature and those of Standard Webhooks.

The bytes are signed as they are, a line break at the end included: printf %s "$body" | taskhook sign`,
  },
})
