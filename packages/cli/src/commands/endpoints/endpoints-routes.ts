import { buildRouteMap, type RouteMap } from '@stricli/core'
import type { CliContext } from '../../cli-context.ts'
import { listCommand } from './list-command.ts'
import { pauseCommand } from './pause-command.ts'
import { resumeCommand } from './resume-command.ts'

/** `taskhook endpoints …` */
export const endpointsRoutes: RouteMap<CliContext> = buildRouteMap({
  routes: { list: listCommand, pause: pauseCommand, resume: resumeCommand },
  docs: { brief: 'List the endpoints, pause and resume them' },
})
