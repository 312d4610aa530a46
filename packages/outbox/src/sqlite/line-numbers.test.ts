import { expect, test } from 'vitest'
import { newDeliveries, newDelivery } from '../testing/new-delivery.ts'
import { joinDispatcher } from '../testing/test-dispatcher.ts'
import { createTestFile, openTestDatabase, openTestLedger } from '../testing/test-sqlite.ts'
import { createTestTime } from '../testing/test-time.ts'

function openWatchedLedger() {
  const file = createTestFile()
  const time = createTestTime()
  const ledger = openTestLedger(file, { now: time.now })
  const database = openTestDatabase(file)
  return {
    ledger,
    time,
    openOther: () => openTestLedger(file, { now: time.now }),
    lines: () =>
      Object.fromEntries(
        database
          .prepare('SELECT ordering_key AS key, number FROM taskhook_lines ORDER BY number')
          .all()
          .map(({ key, number }) => [String(key), Number(number)]),
      ),
    deliverAll: async () => {
      const dispatcher = await joinDispatcher(ledger)
      for (const delivery of await dispatcher.readReady()) await dispatcher.settle(delivery)
    },
  }
}

test('an ordering key has one number at an endpoint, as long as there are deliveries of it', async () => {
  const { ledger, lines, time, deliverAll } = openWatchedLedger()
  await ledger.enqueue([newDelivery('1'), newDelivery('2', { orderingKey: 'b' }), newDelivery('3')])
  expect(lines()).toEqual({ a: 1, b: 2 })
  await ledger.enqueue([newDelivery('last', { orderingKey: 'c' })])
  await deliverAll()
  time.pass(10)
  // Of a, one is still pending.
  expect(await ledger.dispatch.purge(5, 10)).toBe(3)
  expect(lines()).toEqual({ a: 1, c: 3 })
})

// Were it given twice, who has just looked up a line would read another one's deliveries.
test('no number is given twice', async () => {
  const { ledger, lines, time, deliverAll } = openWatchedLedger()
  await ledger.enqueue(newDeliveries(['1', '2', '3']))
  await deliverAll()
  time.pass(10)
  await ledger.dispatch.purge(5, 10)
  await ledger.enqueue(newDeliveries(['2', '4']))
  expect(lines()).toEqual({ 3: 3, 2: 4, 4: 5 })
})

test('a line that another process has removed is given a number anew', async () => {
  const { ledger, lines, time, deliverAll, openOther } = openWatchedLedger()
  await ledger.enqueue(newDeliveries(['1', '2', '3']))
  await deliverAll()
  time.pass(10)
  expect(await openOther().dispatch.purge(5, 10)).toBe(3)
  await ledger.enqueue([newDelivery('again', { orderingKey: '1' })])
  expect(lines()).toEqual({ 3: 3, 1: 4 })
})

test('a line whose first delivery was refused is given a number by the next one', async () => {
  const { ledger, lines } = openWatchedLedger()
  await expect(ledger.enqueue(newDeliveries(['1', '1'], { orderingKey: 'b' }))).rejects.toMatchObject({
    code: 'option_invalid',
  })
  expect(lines()).toEqual({})
  await ledger.enqueue(newDeliveries(['1'], { orderingKey: 'b' }))
  expect(lines()).toEqual({ b: 1 })
})

test('two ledgers on one file accept in turn, each after what the other has accepted', async () => {
  const { ledger, openOther } = openWatchedLedger()
  const other = openOther()
  for (const id of ['1', '2', '3']) {
    await ledger.enqueue([newDelivery(`${id} of one`)])
    await other.enqueue([newDelivery(`${id} of other`), newDelivery(`${id} more of other`)])
  }
  const { deliveries } = await ledger.operate.listDeliveries(
    { orderingKey: 'a' },
    { limit: 10, oldestFirst: true },
  )
  const ids = deliveries.map(({ id }) => id)
  expect(ids).toEqual(
    ['1', '2', '3'].flatMap((id) => [`${id} of one`, `${id} of other`, `${id} more of other`]),
  )
})

test('more lines than are remembered keep their numbers', async () => {
  const { ledger, lines } = openWatchedLedger()
  const keys = Array.from({ length: 5000 }, (_, index) => `task ${index}`)
  await ledger.enqueue(newDeliveries(keys))
  await ledger.enqueue(keys.map((orderingKey) => newDelivery(`second of ${orderingKey}`, { orderingKey })))
  expect(Object.keys(lines())).toHaveLength(5000)
})
