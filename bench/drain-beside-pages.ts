import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDashboard, nodeListener } from '@taskhook/dashboard'
import { answerParent, startChild } from './child.ts'
import { countAttempts } from './count-attempts.ts'
import type { HeardPages, OpenPages } from './open-pages.ts'
import { openSender, type SenderPlace } from './open-sender.ts'

/** How many deliveries to make with how many pages open. */
export interface DrainBesidePages extends SenderPlace {
  count: number
  pages: number
}

/** What came of it. */
export interface DrainedBesidePages {
  /** From the first one until all are written down as delivered. */
  deliveriesPerSecond: number
  /** How often pages were told what they are now, meanwhile. */
  events: number
}

/** Delivers while pages are open at a dashboard in the same process. */
async function drainBesidePages({ count, pages, ...place }: DrainBesidePages): Promise<DrainedBesidePages> {
  const sender = await openSender(place)
  const server = createServer(nodeListener(createDashboard({ outbox: sender, access: () => 'read' })))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await using readers = startChild<OpenPages, HeardPages>(new URL('./open-pages.ts', import.meta.url))
  const before = await readers.ask({ url, count: pages })

  using counter = countAttempts(count)
  await sender.start()
  await counter.delivered
  const deliveriesPerSecond = ((count - 1) * 1000) / (performance.now() - counter.firstAt)
  const after = await readers.ask({ url, count: 0 })
  await sender.stop()
  server.closeAllConnections()
  server.close()
  return { deliveriesPerSecond, events: after.events - before.events }
}

answerParent((question) => drainBesidePages(question as DrainBesidePages))
