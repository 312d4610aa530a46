import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDashboard, nodeListener } from '@taskhook/dashboard'
import { createOutbox, openLedger, type Outbox } from '@taskhook/outbox'
import type { Services } from './services/start-services.ts'
import { heading, type Print } from './print/table.ts'

const command = 'npx -y pnpm@12 exec node --conditions=taskhook-source packages/cli/src/cli.ts'

/** Serves what the services have in their outbox and inboxes as pages, prints the commands that show the same, and waits to be interrupted. */
export async function keepOpen({ databases, signal }: Services, print: Print): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const outboxes = await Promise.all(
    databases.map(async ({ name, url }) => {
      const ledger = opened.adopt(await openLedger(url, { create: false }), (one) => one.close())
      return { name, outbox: createOutbox({ ledger }) }
    }),
  )
  // Only who reads the address knows its path; and no page from elsewhere can have its own name lead here.
  const basePath = `/${randomBytes(16).toString('base64url')}`
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.defer(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const dashboard = createDashboard({
    outbox: outboxes,
    basePath,
    access: ({ headers }) => (headers.get('host') === host ? 'operate' : 'none'),
  })
  server.on('request', nodeListener(dashboard))

  const [{ url }] = databases as [(typeof databases)[number]]
  const taskId = await findTask(outboxes[0]!.outbox)
  print(heading('What an operator sees'))
  print(`  dashboard  http://${host}${basePath}/`)
  print(`\n  export TASKHOOK_OUTBOX='${url}'`)
  print(`  ${command} status`)
  print(`  ${command} task ${taskId}`)
  print(`  ${command} deliveries list`)
  print('\n  The services run on. Ctrl-C ends them, and removes their databases.')
  if (!signal.aborted) await once(signal, 'abort')
}

/** The task that changed last. */
async function findTask({ deliveries }: Outbox): Promise<string> {
  const { deliveries: latest } = await deliveries.list({ limit: 1 })
  return latest[0]?.orderingKey ?? 'X'
}
