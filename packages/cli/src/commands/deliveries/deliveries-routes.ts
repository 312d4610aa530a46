import { buildRouteMap, type RouteMap } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { cancelCommand } from './cancel-command.ts'
import { getCommand } from './get-command.ts'
import { listCommand } from './list-command.ts'
import { resendCommand } from './resend-command.ts'

/** `taskhook deliveries …` */
export const deliveriesRoutes: RouteMap<CliContext> = buildRouteMap({
  routes: { list: listCommand, get: getCommand, resend: resendCommand, cancel: cancelCommand },
  docs: { brief: 'Look deliveries up, resend and cancel them' },
})
