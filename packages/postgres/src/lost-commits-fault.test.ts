import { idsOf, newDelivery } from '@taskhook/outbox/testing'
import type { Ledger } from '@taskhook/outbox/ledger'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { startForwarder } from './testing/forwarder.ts'
import { useTestDatabase } from './testing/test-database.ts'
import { startTestServer } from './testing/test-server.ts'

const database = useTestDatabase()

test('after a failover to a standby that lags behind, what is accepted there is read', async () => {
  const { ledger, failOver } = await openLagging('lagging')
  const start = await ledger.dispatch.readNew(undefined, 100)
  for (let index = 0; index < 100; index += 1) await ledger.enqueue([newDelivery(`lost ${index}`)])
  const read = await ledger.dispatch.readNew(start.position, 1000)
  expect(read.deliveries).toHaveLength(100)

  failOver()
  await expect.poll(() => ledger.enqueue([newDelivery('kept', { idempotencyKey: 'kept' })])).toHaveLength(1)
  const ids: string[] = []
  for (let { position, isEnd } = { ...read, isEnd: false }; !isEnd;) {
    const next = await ledger.dispatch.readNew(position, 10)
    ids.push(...idsOf(next.deliveries))
    ;({ position, isEnd } = next)
  }
  expect(ids).toEqual(['kept'])
})

// Those who watched a living dispatcher saw the beat of before once more, and took it for one that stood still.
test('after such a failover, a beat is none that there was before', async () => {
  const { ledger, failOver } = await openLagging('beating', async ({ dispatch }) => {
    await dispatch.join({ id: 'first', place: 'here', endpointIds: [] })
  })
  const beat = async () => (await ledger.dispatch.beat('first')).beats[0]!.beat
  const before = [await beat(), await beat(), await beat()]
  expect(before.toSorted((a, b) => a - b)).toEqual(before)

  failOver()
  let first: number | undefined
  await expect.poll(async () => (first = await beat().catch(() => undefined))).toBeDefined()
  for (const after of [first, await beat(), await beat()]) expect(before).not.toContain(after)
})

/** A ledger whose server has a standby that knows nothing of what comes after this, and takes its place when told. */
async function openLagging(schema: string, prepare: (ledger: Ledger) => Promise<void> = async () => {}) {
  const primary = await startTestServer()
  onTestFinished(() => primary.remove())
  const forwarder = await startForwarder(primary.url)
  const ledger = await database.open({ connectionString: forwarder.url, schema })
  await prepare(ledger)
  await primary.stop()
  // While there is nothing to follow. It gives the numbers and transactions again that the primary loses with its last commits.
  const standby = await startTestServer({ standbyOf: primary })
  onTestFinished(() => standby.remove())
  const promoter = new Client(standby.url)
  await promoter.connect()
  await promoter.query('SELECT pg_promote()')
  await promoter.end()
  await primary.start()
  forwarder.cut()

  function failOver(): void {
    forwarder.cut()
    forwarder.restore(standby.url)
  }
  return { ledger, failOver }
}
