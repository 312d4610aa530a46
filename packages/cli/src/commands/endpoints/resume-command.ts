import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, yesFlag } from '../../flags.ts'
import type { ChangeFlags } from './change-endpoint.ts'
import { endpointParameter } from './endpoint-parameter.ts'

/** `taskhook endpoints resume <endpointId>` */
export const resumeCommand: Command<CliContext> = defineCommand<ChangeFlags, [string]>({
  load: async () => (await import('./change-endpoint.ts')).resumeEndpoint,
  parameters: { flags: { ...outboxFlags, ...jsonFlag, ...yesFlag }, positional: endpointParameter },
  docs: { brief: 'Let what waits at an endpoint flow: ends a pause, closes the circuit' },
})
