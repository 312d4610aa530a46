import { idsOf, joinDispatcher, newDelivery } from '@taskhook/outbox/testing'
import { expect, test } from 'vitest'
import { useTestDatabase } from '../testing/test-database.ts'
import { until } from '../testing/until.ts'

const database = useTestDatabase()

test('two of one ordering key that are canceled at once leave the one behind them due', async () => {
  const schema = database.createSchema()
  const ledger = await database.open({ schema })
  const dispatcher = await joinDispatcher(ledger)
  await ledger.enqueue(['1', '2', '3'].map((id) => newDelivery(id)))
  // A dispatcher that reads the others now leaves them to the first one.
  await dispatcher.settle(await dispatcher.readOne(), { state: 'pending', retryInMs: 60_000 })

  const [application, observer] = [await database.connect(), await database.connect()]
  async function countWaiting(): Promise<number> {
    const { rows } = await observer.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%cancel(%'",
    )
    return rows.length
  }
  await application.query(`BEGIN; SELECT FROM ${schema}.deliveries WHERE id = '2' FOR UPDATE`)
  const second = ledger.operate.cancel('2')
  await until(async () => (await countWaiting()) === 1)
  const first = ledger.operate.cancel('1')
  await until(async () => (await countWaiting()) === 2)
  await application.query('COMMIT')
  expect(await Promise.all([first, second])).toEqual([true, true])
  expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['3'])
})
