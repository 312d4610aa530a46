import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { createSender } from '@taskhook/sender'
import { expect, test } from 'vitest'
import { startChild } from './child.ts'
import type { DeathPoint, TransactionProcessOptions } from './transaction-process.ts'

test.each<[DeathPoint, number]>([
  ['before the event', 0],
  ['before the commit', 0],
  ['after the commit', 1],
])(
  'an application killed %s has stored its change and sent the event, or neither: %i of each',
  async (diesAt, count) => {
    await using cleanUp = new AsyncDisposableStack()
    const folder = await mkdtemp(path.join(tmpdir(), 'taskhook-transaction-'))
    cleanUp.defer(() => rm(folder, { recursive: true }))
    const file = path.join(folder, 'application.db')

    const received: string[] = []
    const arrived = Promise.withResolvers<void>()
    async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
      received.push((JSON.parse(await text(request)) as { taskId: string }).taskId)
      response.end()
      if (received.length === count + 1) arrived.resolve()
    }
    const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
    cleanUp.defer(() => void server.close())
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

    const options: TransactionProcessOptions = { database: file, endpoint, diesAt }
    const application = cleanUp.use(startChild('transaction-process.ts', options))
    expect(await application.ended).toBe('SIGKILL')

    const database = new DatabaseSync(file)
    cleanUp.defer(() => database.close())
    const stored = database.prepare('SELECT id FROM tasks').all()
    expect(stored).toHaveLength(count)

    // The application again: what was committed is delivered, and then this one's own event.
    await using sender = await createSender({
      webHook: { enabled: true, endpoint },
      outbox: `sqlite:${file}`,
    })
    const { deliveries } = await sender.deliveries.list()
    expect(deliveries.map(({ taskId, state }) => [taskId, state])).toEqual(
      stored.map(({ id }) => [id, 'pending']),
    )
    await sender.send({ taskId: 'task-2', eventType: 'OrderCreated' })
    await sender.start()
    await arrived.promise
    await sender.stop()
    expect(received.toSorted()).toEqual([...stored.map(({ id }) => id), 'task-2'])
  },
)
