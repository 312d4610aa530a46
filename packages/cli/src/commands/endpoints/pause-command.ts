import type { Command } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonFlag, outboxFlags, yesFlag } from '../../flags.ts'
import type { ChangeFlags } from './change-endpoint.ts'
import { endpointParameter } from './endpoint-parameter.ts'

/** `taskhook endpoints pause <endpointId>` */
export const pauseCommand: Command<CliContext> = defineCommand<ChangeFlags, [string]>({
  load: async () => (await import('./change-endpoint.ts')).pauseEndpoint,
  parameters: { flags: { ...outboxFlags, ...jsonFlag, ...yesFlag }, positional: endpointParameter },
  docs: { brief: 'Attempt nothing more at an endpoint; its deliveries wait' },
})
