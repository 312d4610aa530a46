import { idsOf, newDelivery } from '@taskhook/outbox/testing'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { startForwarder } from './testing/forwarder.ts'
import { useTestDatabase } from './testing/test-database.ts'
import { startTestServer } from './testing/test-server.ts'

const database = useTestDatabase()

// It gives the numbers and transactions again that the old one has lost with its last commits.
test('after a failover to a standby that lags behind, what is accepted there is read', async () => {
  const { server: primary } = database
  const forwarder = await startForwarder(primary.url)
  const ledger = await database.open({ connectionString: forwarder.url, schema: 'lagging' })
  await primary.stop()
  // While there is nothing to follow.
  const standby = await startTestServer({ standbyOf: primary })
  onTestFinished(() => standby.remove())
  const promoter = new Client(standby.url)
  await promoter.connect()
  await promoter.query('SELECT pg_promote()')
  await promoter.end()
  await primary.start()

  forwarder.cut()
  const start = await ledger.dispatch.readNew(undefined, 100)
  for (let index = 0; index < 100; index += 1) await ledger.enqueue([newDelivery(`lost ${index}`)])
  const read = await ledger.dispatch.readNew(start.position, 1000)
  expect(read.deliveries).toHaveLength(100)

  forwarder.cut()
  forwarder.restore(standby.url)
  await expect.poll(() => ledger.enqueue([newDelivery('kept', { idempotencyKey: 'kept' })])).toHaveLength(1)
  const ids: string[] = []
  for (let { position, isEnd } = { ...read, isEnd: false }; !isEnd;) {
    const next = await ledger.dispatch.readNew(position, 10)
    ids.push(...idsOf(next.deliveries))
    ;({ position, isEnd } = next)
  }
  expect(ids).toEqual(['kept'])
})
