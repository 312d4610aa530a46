import type { TypedPositionalParameters } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'

/** The ids of deliveries as arguments, none or more. */
export const idsParameter: TypedPositionalParameters<string[], CliContext> = {
  kind: 'array',
  parameter: { parse: String, placeholder: 'id', brief: 'The ids of deliveries' },
}
