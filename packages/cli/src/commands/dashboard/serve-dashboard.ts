import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { userInfo } from 'node:os'
import { createDashboard, nodeListener } from '@taskhook/dashboard'
import type { CliContext } from '../../cli-context.ts'
import { CommandError } from '../../command-error.ts'
import type { JsonFlag, OutboxFlags } from '../../flags.ts'
import { listenOnLoopback } from '../../listen-on-loopback.ts'
import { withOutbox } from '../../outbox/with-outbox.ts'

/** The flags of `dashboard`. */
export type DashboardFlags = OutboxFlags & JsonFlag & { port?: string | undefined; readOnly: boolean }

/** Serves the outbox's pages to this machine, until it is interrupted. */
export async function serveDashboard(context: CliContext, flags: DashboardFlags): Promise<void> {
  const { output, signal } = context
  const port = parsePort(flags.port)
  await withOutbox(context, flags, async (outbox) => {
    // Only the reader of the address knows it, not the other users of this machine.
    const basePath = `/${randomBytes(16).toString('base64url')}`
    const server = createServer()
    const host = await listenOnLoopback(server, port)
    const level = flags.readOnly ? 'read' : 'operate'
    const dashboard = createDashboard({
      outbox,
      basePath,
      // A page from elsewhere can have its own name lead to this address. It cannot have the browser say another host than that name.
      access: ({ headers }) =>
        headers.get('host') === host ? { level, actor: userInfo().username } : 'none',
    })
    server.on('request', nodeListener(dashboard))
    const url = `http://${host}${basePath}/`
    if (flags.json) output.printJson({ url })
    else output.print(url)
    output.note('Open it in a browser on this machine. Ctrl-C ends it.')
    if (!signal.aborted) await once(signal, 'abort')
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
}

function parsePort(text: string | undefined): number {
  if (text === undefined) return 0
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new CommandError('usage_invalid', '--port must be a number from 0 to 65535')
}
