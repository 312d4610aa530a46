import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag } from '../../flags.ts'
import { secretFlags } from '../secret/secret-flags.ts'
import type { ListenFlags } from './listen.ts'

/** `taskhook listen` */
export const listenCommand: Command<CliContext> = defineCommand<ListenFlags, []>({
  load: async () => (await import('./listen.ts')).listen,
  parameters: {
    flags: {
      port: {
        kind: 'parsed',
        parse: String,
        default: '0',
        placeholder: 'port',
        brief: 'The port on 127.0.0.1; 0 takes a free one',
      },
      ...secretFlags,
      status: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'codes',
        brief: 'What to answer: 503, or 500,500,200 one after the other and then the last  [default: 204]',
      },
      forwardTo: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'url',
        brief: 'Hand every request on, and its answer back; without a path, that of the request is kept',
      },
      explain: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Find out why a signature does not match',
      },
      count: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'number',
        brief: 'End after so many requests',
      },
      ...jsonFlag,
    },
  },
  docs: {
    brief: 'Print what arrives, verified, and answer or forward it',
    fullDescription: `Print what arrives at a port of this machine: one line a request, verified or why it is refused. Ctrl-C ends it.

A request that is refused is answered as a receiver does, with 401 for example. Without a secret, nothing is verified. With --forward-to every
request is handed on, byte for byte, and the answer is that of the receiver.`,
  },
})
