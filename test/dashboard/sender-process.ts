import { createServer } from 'node:http'
import { createDashboard, nodeListener } from '@taskhook/dashboard'
import { createSender } from '@taskhook/sender'

/**
 * A sender with its dashboard, as an application has them, for a test that kills it:
 * `sender-process.ts <outbox> <receiver> <port>`. It prints a line once the pages are served.
 */
const [outbox = '', endpoint = '', port = ''] = process.argv.slice(2)
const sender = await createSender({ outbox, webHook: { enabled: true, id: 'crm', endpoint } })
await sender.start()
const dashboard = createDashboard({ outbox: sender, access: () => 'operate' })
createServer(nodeListener(dashboard)).listen(Number(port), '127.0.0.1', () => console.log('serves'))
