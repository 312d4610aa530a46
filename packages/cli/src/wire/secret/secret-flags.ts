import type { FlagParametersForType } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'

/** Where the secrets come from; of every command that signs or verifies. */
export interface SecretFlags {
  secret?: readonly string[] | undefined
  config?: string | undefined
  endpoint?: string | undefined
}

/** The flags of {@link SecretFlags}. */
export const secretFlags: FlagParametersForType<SecretFlags, CliContext> = {
  secret: {
    kind: 'parsed',
    parse: String,
    variadic: true,
    optional: true,
    placeholder: 'secret',
    brief: 'The secret; during a rotation once for each, the current one first  [default: $TASKHOOK_SECRET]',
  },
  config: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'A configuration file: its webHook section has the secret',
  },
  endpoint: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'id',
    brief: 'Which endpoint of the configuration  [default: the only one]',
  },
}
