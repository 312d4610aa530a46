import { Client } from 'pg'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startTestServer, type TestServer } from '@taskhook/postgres/testing'
import { createSender } from './create-sender.ts'
import { startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, nextMessage, openSender, section, startSender } from './testing/sender.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  return () => server.remove()
})

/** A database of its own for one test. */
async function createDatabase(): Promise<string> {
  const admin = await connect(server.url)
  const { rows } = await admin.query<{ count: string }>('SELECT count(*) FROM pg_database')
  const name = `test_${rows[0]!.count}`
  await admin.query(`CREATE DATABASE ${name}`)
  return server.url.replace(/postgres$/v, name)
}

async function connect(url: string): Promise<Client> {
  const client = new Client(url)
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

describe('a sender with its outbox on PostgreSQL', () => {
  test('delivers, and answers operators', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender(section(url, { id: 'one' }), { outbox: await createDatabase() })
    const { deliveries } = await sender.send(event, { idempotencyKey: 'key' })
    expect(await sender.send(event, { idempotencyKey: 'key' })).toEqual({
      deliveries: [{ ...deliveries[0], isRepeat: true }],
    })
    expect(await afterAttempts(sender, deliveries[0]!.id)).toMatchObject({
      state: 'delivered',
      attempts: [{ number: 1, outcome: 'delivered', status: 200 }],
    })
    expect(requests).toHaveLength(1)
    expect((await sender.deliveries.list({ state: 'delivered' })).deliveries).toHaveLength(1)
    expect(await sender.endpoints.list()).toMatchObject([{ id: 'one', pending: 0 }])
  })

  test('accepts what the transaction of a client of pg commits, and nothing else', async () => {
    const { url, requests } = await startReceiver()
    const outbox = await createDatabase()
    const sender = await startSender(section(url), { outbox })
    const client = await connect(outbox)
    await client.query('CREATE TABLE task (id text PRIMARY KEY)')

    await client.query(`BEGIN; INSERT INTO task VALUES ('1')`)
    await sender.send({ ...event, taskId: '1' }, { transaction: client })
    await client.query('ROLLBACK')
    await client.query(`BEGIN; INSERT INTO task VALUES ('2')`)
    const { deliveries } = await sender.send({ ...event, taskId: '2' }, { transaction: client })
    expect(requests).toEqual([])
    const delivered = nextMessage('delivered')
    await client.query('COMMIT')
    await delivered
    expect(requests.map(({ request }) => request.headers['webhook-id'])).toEqual(
      deliveries.map(({ id }) => id),
    )
    expect((await sender.deliveries.list()).deliveries).toMatchObject([{ taskId: '2', state: 'delivered' }])
  })

  test('delivers once what another sender on the same database has accepted', async () => {
    const { url, requests } = await startReceiver()
    const outbox = await createDatabase()
    const other = await openSender(section(url), { outbox })
    await startSender(section(url), { outbox })
    await startSender(section(url), { outbox })
    const delivered = nextMessage('delivered')
    const { deliveries } = await other.send(event)
    await delivered
    expect(await other.deliveries.get(deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
    expect(requests).toHaveLength(1)
  })

  test('is refused with a code and without its password when the database is not there', async () => {
    const { hostname, port } = new URL(server.url)
    const opened = createSender({
      webHook: section('http://127.0.0.1:9/automation'),
      outbox: `postgres://postgres:hidden@${hostname}:${port}/nowhere`,
    })
    const error = await opened.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'OutboxError', code: 'ledger_unavailable' })
    expect(String(error)).not.toContain('hidden')
  })
})
