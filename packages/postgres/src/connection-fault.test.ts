import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Ledger } from '@taskhook/outbox/ledger'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { delivered, newDelivery } from '@taskhook/outbox/testing'
import type { PostgresPool } from './connection/postgres-client.ts'
import type { PostgresLedgerOptions } from './postgres-ledger-options.ts'
import { postgresLedger } from './postgres-ledger.ts'
import { areDelivered, startDelivering } from './testing/faults.ts'
import { isWaitingForLock, until } from './testing/until.ts'
import { startForwarder } from './testing/forwarder.ts'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()
const timeoutInMs = 1000

/** A ledger by way of a forwarder, and what others see of it. */
async function openForwarded(options: PostgresLedgerOptions = {}) {
  const forwarder = await startForwarder(database.server.url)
  const schema = database.createSchema()
  const ledger = await database.open({
    connectionString: forwarder.url,
    schema,
    statementTimeoutInMs: timeoutInMs,
    connectionTimeoutInMs: timeoutInMs,
    ...options,
  })
  return { forwarder, schema, ledger, other: await database.open({ schema }) }
}

const keyed = newDelivery('1', { idempotencyKey: 'key' })
const sentAgain = newDelivery('2', { idempotencyKey: 'key' })
const unavailable = { code: 'ledger_unavailable' }

describe('when connections are cut', () => {
  test('what was asked is refused, and when it was done all the same its key says so', async () => {
    const { forwarder, schema, ledger, other } = await openForwarded({ statementTimeoutInMs: 10_000 })
    const application = await database.connect()
    await application.query(`BEGIN; LOCK TABLE ${schema}.deliveries`)
    const refused = ledger.enqueue([keyed])
    await until(() => isWaitingForLock(application, schema))
    forwarder.cut()
    await expect(refused).rejects.toMatchObject(unavailable)
    // The server has not noticed.
    await application.query('COMMIT')
    await until(async () => (await other.operate.getDelivery('1')) !== undefined)
    expect(await ledger.enqueue([sentAgain])).toEqual([{ id: '1', isRepeat: true }])
  })

  test('what was attempted is written down over others, and attempted once', async () => {
    const { forwarder, ledger, other } = await openForwarded()
    const endpoint = await startDelivering(ledger)
    await ledger.enqueue([newDelivery('1'), newDelivery('2')])
    await until(() => endpoint.inFlight.size === 1)
    forwarder.cut()
    endpoint.answer = () => delivered
    endpoint.attempts[0]!.end()
    await other.enqueue([newDelivery('3')])
    await until(() => areDelivered(other, '1', '2', '3'))
    expect(endpoint.attempted()).toEqual(['1', '2', '3'])
  })
})

describe('when nothing comes back any more', () => {
  test('what was asked is refused once its time is over, and when it was done all the same its key says so', async () => {
    const { forwarder, ledger, other } = await openForwarded()
    await ledger.dispatch.readEndpoints(0)
    forwarder.swallow('answers')
    await expect(ledger.enqueue([keyed])).rejects.toMatchObject(unavailable)
    expect(await other.operate.getDelivery('1')).toBeDefined()
    forwarder.restore()
    await until(() => isAnswering(ledger))
    expect(await ledger.enqueue([sentAgain])).toEqual([{ id: '1', isRepeat: true }])
  })

  test('opening is refused once its time is over', async () => {
    const { forwarder, schema } = await openForwarded()
    forwarder.swallow('everything')
    const opening = postgresLedger({
      connectionString: forwarder.url,
      schema,
      connectionTimeoutInMs: timeoutInMs,
    })
    await expect(opening).rejects.toMatchObject(unavailable)
  })

  test('delivery goes on by itself over new connections, though the old ones stay silent', async () => {
    const { forwarder, ledger, other } = await openForwarded()
    const endpoint = await startDelivering(ledger)
    await ledger.enqueue([newDelivery('1'), newDelivery('2')])
    await until(() => endpoint.inFlight.size === 1)
    forwarder.swallow('everything')
    endpoint.answer = () => delivered
    endpoint.attempts[0]!.end()
    await expect(ledger.enqueue([newDelivery('3')])).rejects.toMatchObject(unavailable)
    forwarder.restore()
    await until(() => areDelivered(other, '1', '2'))
    expect(endpoint.attempted()).toEqual(['1', '2'])
  })

  test('a ledger can be closed', async () => {
    const { forwarder, ledger } = await openForwarded()
    ledger.dispatch.onChange(() => {})
    // So that several connections are idle.
    await Promise.all(Array.from({ length: 4 }, () => ledger.dispatch.readEndpoints(0)))
    forwarder.swallow('everything')
    await expect(ledger.enqueue([keyed])).rejects.toMatchObject(unavailable)
    await ledger.close()
  })
})

test('what could not be asked in time is not asked later', async () => {
  const servers = database.createPool()
  let gate = Promise.resolve()
  const pool: PostgresPool = { connect: () => gate.then(() => servers.connect()) }
  const ledger = await database.open({ pool, listen: false, statementTimeoutInMs: timeoutInMs })
  const { promise, resolve } = Promise.withResolvers<void>()
  gate = promise
  await expect(ledger.enqueue([keyed])).rejects.toMatchObject(unavailable)
  const givenBack = once(servers, 'release')
  resolve()
  await givenBack
  expect(await ledger.operate.getDelivery('1')).toBeUndefined()
})

test('closing does not wait for as long as a statement may take', async () => {
  const servers = database.createPool()
  let gate: Promise<unknown> = Promise.resolve()
  const pool: PostgresPool = { connect: () => gate.then(() => servers.connect()) }
  const ledger = await database.open({ pool, listen: false, statementTimeoutInMs: 30_000 })
  gate = new Promise(() => {})
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  void ledger.enqueue([keyed])
  const closing = ledger.close()
  await vi.advanceTimersByTimeAsync(5000)
  await expect(closing).resolves.toBeUndefined()
})

// It ended the process once, because the connection had no owner at that moment.
test('a server that ends a connection as soon as it is there is one that cannot be reached', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(readyAndShutDown))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connectionString = `postgres://postgres@127.0.0.1:${port}/postgres`
  await expect(postgresLedger({ connectionString })).rejects.toMatchObject(unavailable)
})

// https://www.postgresql.org/docs/current/protocol-message-formats.html: AuthenticationOk, ReadyForQuery, ErrorResponse.
const readyAndShutDown = Buffer.concat([
  message('R', '\0\0\0\0'),
  message('Z', 'I'),
  message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
])

function message(type: string, content: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + content.length)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(content)])
}

async function isAnswering(ledger: Ledger): Promise<boolean> {
  return ledger.dispatch.readEndpoints(0).then(
    () => true,
    () => false,
  )
}
