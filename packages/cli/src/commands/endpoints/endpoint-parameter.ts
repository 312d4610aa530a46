import type { TypedPositionalParameters } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'

/** The id of an endpoint as an argument. */
export const endpointParameter: TypedPositionalParameters<[string], CliContext> = {
  kind: 'tuple',
  parameters: [{ parse: String, placeholder: 'endpointId', brief: 'The id of the endpoint' }],
}
