import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag } from '../../flags.ts'
import { secretFlags } from '../secret/secret-flags.ts'
import type { VerifyFlags } from './verify-request.ts'

/** `taskhook verify [file]` */
export const verifyCommand: Command<CliContext> = defineCommand<VerifyFlags, [file?: string]>({
  load: async () => (await import('./verify-request.ts')).verifyRequest,
  parameters: {
    flags: {
      ...secretFlags,
      header: {
        kind: 'parsed',
        // Not parsed here: what cannot be parsed is quoted, and it may be a credential.
        parse: String,
        variadic: true,
        optional: true,
        placeholder: 'header',
        brief: 'A header of the request, as "Name: value"; once for each',
      },
      body: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'The body of the request, with --header  [default: stdin]',
      },
      url: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'url',
        brief: 'The URL of the request, with --header: for signatures that cover it',
      },
      explain: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Find out why a signature does not match',
      },
      trySecret: {
        kind: 'parsed',
        parse: String,
        variadic: true,
        optional: true,
        placeholder: 'secret',
        brief: 'Another secret that may have signed, with --explain; once for each',
      },
      at: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'time',
        brief: 'Verify as of this time; recorded: as of the webhook-timestamp  [default: now]',
      },
      ...jsonFlag,
    },
    aliases: { H: 'header' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          placeholder: 'file',
          optional: true,
          brief:
            'The request as it was recorded: request line, headers, empty line, body; - is stdin, the default',
        },
      ],
    },
  },
  docs: {
    brief: 'Verify a recorded request, and explain why it is refused',
    customUsage: [
      { input: 'request.http --explain', brief: 'a request as it went over the wire' },
      { input: '-H "X-Signature: …" --body body.json --explain', brief: 'its parts' },
    ],
    fullDescription: `Verify a recorded request as a receiver does. Exit code 1: it is refused.

With --explain a signature that does not match is taken apart: another secret, whsec_ taken as text, JSON written anew, a line break at the
end, another encoding, a byte order mark, a wrong clock, a cut body, and more. What is named is proven: with it put right, the signature comes out.`,
  },
})
