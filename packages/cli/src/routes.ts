import { buildRouteMap, type RouteMap } from '@stricli/core'
import type { CliContext } from './cli-context.ts'
import { completionCommand } from './commands/completion/completion-command.ts'
import { dashboardCommand } from './commands/dashboard/dashboard-command.ts'
import { deliveriesRoutes } from './commands/deliveries/deliveries-routes.ts'
import { doctorCommand } from './commands/doctor/doctor-command.ts'
import { endpointsRoutes } from './commands/endpoints/endpoints-routes.ts'
import { grantsCommand } from './commands/postgres/grants-command.ts'
import { migrateCommand } from './commands/postgres/migrate-command.ts'
import { moveCommand } from './commands/postgres/move-command.ts'
import { statusCommand } from './commands/status/status-command.ts'
import { tailCommand } from './commands/tail/tail-command.ts'
import { taskCommand } from './commands/task/task-command.ts'
import { checkCommand } from './wire/check/check-command.ts'
import { conformanceCommand } from './wire/conformance/conformance-command.ts'
import { listenCommand } from './wire/listen/listen-command.ts'
import { sendCommand } from './wire/send/send-command.ts'
import { signCommand } from './wire/sign/sign-command.ts'
import { verifyCommand } from './wire/verify/verify-command.ts'

/** Every command, in the order of the help. What a command does is loaded when it is run. */
export const routes: RouteMap<CliContext> = buildRouteMap({
  // Without a prototype: `taskhook constructor` is no command.
  routes: Object.assign(Object.create(null) as object, {
    task: taskCommand,
    status: statusCommand,
    tail: tailCommand,
    doctor: doctorCommand,
    dashboard: dashboardCommand,
    deliveries: deliveriesRoutes,
    endpoints: endpointsRoutes,
    migrate: migrateCommand,
    move: moveCommand,
    grants: grantsCommand,
    completion: completionCommand,
    check: checkCommand,
    conformance: conformanceCommand,
    listen: listenCommand,
    send: sendCommand,
    sign: signCommand,
    verify: verifyCommand,
  }),
  aliases: Object.create(null) as Record<string, never>,
  docs: {
    brief: 'What happened to a task’s webhooks, and what to do about it',
    fullDescription: `What happened to a task's webhooks, and what to do about it.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 a check or delivery failed, 2 wrong usage, 3 not found,
4 outbox or endpoint unavailable. taskhook <command> --help says more.`,
  },
})
