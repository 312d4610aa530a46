import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { delivered, newDelivery } from '@taskhook/outbox/testing'
import { areDelivered, startDelivering } from './testing/faults.ts'
import { until } from './testing/until.ts'
import { startForwarder } from './testing/forwarder.ts'
import { useTestDatabase } from './testing/test-database.ts'
import { startTestServer } from './testing/test-server.ts'

const database = useTestDatabase()

test('after a failover to a standby, what was accepted is delivered, and nothing of it twice', async () => {
  const { server: primary } = database
  await primary.stop()
  const standby = await startTestServer({ standbyOf: primary })
  onTestFinished(() => standby.remove())
  await primary.start()
  const application = await database.connect()
  // Now a commit is there and there before the caller is told of it.
  await application.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
  await application.query('SELECT pg_reload_conf()')
  await until(async () => {
    const { rows } = await application.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")
    return rows.length > 0
  })

  const forwarder = await startForwarder(primary.url)
  const ledger = await database.open({ connectionString: forwarder.url })
  const endpoint = await startDelivering(ledger)
  await ledger.enqueue(['1', '2', '3'].map((id) => newDelivery(id)))
  await until(() => endpoint.inFlight.size === 1)

  await primary.stop('immediate')
  forwarder.cut()
  forwarder.restore(standby.url)
  endpoint.attempts[0]!.end()
  endpoint.answer = () => delivered
  await until(async () => (await refusal(ledger.enqueue([newDelivery('4')]))) === 'ledger_read_only')
  expect(await areDelivered(ledger, '1')).toBe(false)

  const promoter = new Client(standby.url)
  await promoter.connect()
  await promoter.query('SELECT pg_promote()')
  await promoter.end()
  await until(async () => (await refusal(ledger.enqueue([newDelivery('5')]))) === undefined)
  await until(() => areDelivered(ledger, '1', '2', '3', '5'))
  expect(endpoint.attempted()).toEqual(['1', '2', '3', '5'])
  expect(await ledger.operate.getDelivery('4')).toBeUndefined()
})

/** The code that something was refused with, if it was. */
async function refusal(operation: Promise<unknown>): Promise<unknown> {
  return operation.then(
    () => undefined,
    (error: { code?: unknown }) => error.code,
  )
}
