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
