import {
  idsOf,
  joinDispatcher,
  look,
  lookAtEndpoint,
  newDeliveries,
  newDelivery,
} from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { isWaitingForLock, until } from '../testing/until.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()

describe('settle, when an application holds rows of the ledger', () => {
  // It stopped everything of that node once.
  test('writes all but the row that is locked, again and again, and that one once it is free', async () => {
    const schema = database.createSchema()
    const ledger = await database.open({ schema })
    const dispatcher = await joinDispatcher(ledger)
    await ledger.enqueue(newDeliveries('abcdef'))
    const deliveries = await dispatcher.readBacklog()
    const settlements = deliveries.map((delivery) => dispatcher.toSettlement(delivery))
    const [first, second, third, ...others] = settlements

    const application = await database.connect()
    await application.query(`BEGIN; SELECT FROM ${schema}.deliveries WHERE id = 'b' FOR UPDATE`)
    expect(await ledger.dispatch.settle('first', [first!, second!, third!])).toEqual([
      'delivered',
      'locked',
      'delivered',
    ])
    // From here on it does not even wait to see that the row is locked.
    const startedAt = performance.now()
    for (const other of others) {
      expect(await ledger.dispatch.settle('first', [second!, other])).toEqual(['locked', 'delivered'])
    }
    expect(performance.now() - startedAt).toBeLessThan(300)
    expect(idsOf(await dispatcher.readBacklog())).toEqual(['b'])
    await application.query('COMMIT')
    expect(await ledger.dispatch.settle('first', [second!])).toEqual(['delivered'])
  })

  test('calls a delivery lost rather than locked when its partition is', async () => {
    const schema = database.createSchema()
    const ledger = await database.open({ schema })
    const dispatcher = await joinDispatcher(ledger)
    await ledger.enqueue([newDelivery('1')])
    const settlement = dispatcher.toSettlement(await dispatcher.readOne())
    const application = await database.connect()
    await application.query(`BEGIN; SELECT FROM ${schema}.deliveries FOR UPDATE`)
    expect(await ledger.dispatch.settle('first', [settlement])).toEqual(['locked'])
    expect(await ledger.dispatch.settle('first', [{ ...settlement, epoch: 7 }])).toEqual(['lost'])
  })
})

test('a partition changes hands when no settlement of its former owner is under way', async () => {
  const schema = database.createSchema()
  const ledger = await database.open({ schema })
  const dispatcher = await joinDispatcher(ledger)
  await ledger.enqueue([newDelivery('1')])
  const settlement = dispatcher.toSettlement(await dispatcher.readOne())
  const application = await database.connect()
  // From here on it waits for locks in one transaction, where the first try would end after a tenth of a second.
  await application.query(`BEGIN; SELECT FROM ${schema}.deliveries FOR UPDATE`)
  expect(await ledger.dispatch.settle('first', [settlement])).toEqual(['locked'])
  await application.query('COMMIT')

  // It has seen who owns the partition, and cannot write yet.
  await application.query(`BEGIN; LOCK TABLE ${schema}.delivered IN SHARE MODE`)
  const settled = ledger.dispatch.settle('first', [settlement])
  await until(() => isWaitingForLock(application, schema))
  const other = await database.open({ schema })
  const beat = (await other.dispatch.listDispatchers())[0]!.beat
  let isBuried = false
  const burying = other.dispatch.bury([{ id: 'first', beat }]).then(() => (isBuried = true))
  await until(() => isWaitingForLock(application, undefined))
  expect(isBuried).toBe(false)

  await application.query('COMMIT')
  expect(await settled).toEqual(['delivered'])
  await burying
  const next = await joinDispatcher(other, { id: 'second' })
  expect(await next.readBacklog()).toEqual([])
})

test('an endpoint that is gone is paused by what is written, and not by what is lost or locked', async () => {
  const schema = database.createSchema()
  const ledger = await database.open({ schema })
  const dispatcher = await joinDispatcher(ledger)
  await ledger.enqueue([newDelivery('1'), newDelivery('2', { endpointId: 'two' })])
  const attempt = { startedAgoInMs: 1, durationInMs: 1, outcome: 'gone' } as const
  const gone = { state: 'pending', retryInMs: 0, attempt } as const
  const one = dispatcher.toSettlement(await dispatcher.readOne('one'), gone)
  const two = dispatcher.toSettlement(await dispatcher.readOne('two'), gone)

  const application = await database.connect()
  await application.query(`BEGIN; SELECT FROM ${schema}.deliveries WHERE id = '1' FOR UPDATE`)
  expect(await ledger.dispatch.settle('first', [one, { ...two, epoch: 7 }])).toEqual(['locked', 'lost'])
  expect(await ledger.dispatch.readEndpoints(0)).toEqual([])
  await application.query('COMMIT')
  expect(await ledger.dispatch.settle('first', [one, two])).toEqual(['pending', 'pending'])
  expect(await lookAtEndpoint(ledger, 'one')).toMatchObject({ paused: { reason: 'gone' } })
  expect(await lookAtEndpoint(ledger, 'two')).toMatchObject({ paused: { reason: 'gone' } })
  expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 1 })
})
