import type { TypedPositionalParameters } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'

/** An outbox as an argument, in place of `--outbox`. */
export const urlParameter: TypedPositionalParameters<[string?], CliContext> = {
  kind: 'tuple',
  parameters: [
    { parse: String, optional: true, placeholder: 'url', brief: 'The outbox, unless --outbox has it' },
  ],
}
