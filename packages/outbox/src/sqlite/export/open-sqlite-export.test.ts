import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { toAttemptRecords } from '../../records/attempt-record.ts'
import { lookAtAttempts } from '../../testing/look.ts'
import { newDeliveries, newDelivery, startOfTime } from '../../testing/new-delivery.ts'
import { joinDispatcher } from '../../testing/test-dispatcher.ts'
import { createTestFile, openTestDatabase, openTestLedger } from '../../testing/test-sqlite.ts'
import { createTestTime } from '../../testing/test-time.ts'
import { sqliteLedger } from '../sqlite-ledger.ts'
import { openSqliteExport } from './open-sqlite-export.ts'

function openExport(file: string, options: Parameters<typeof openSqliteExport>[1] = {}) {
  const exported = openSqliteExport(file, options)
  onTestFinished(() => {
    try {
      exported.close()
    } catch {
      // The test has closed it.
    }
  })
  return exported
}

test('reads every delivery with its attempts, in order, whatever its state', async () => {
  const file = createTestFile()
  const time = createTestTime()
  const ledger = sqliteLedger({ file, now: time.now })
  const whole = { idempotencyKey: 'key', context: 'trace', delayInMs: 50 }
  await ledger.enqueue([newDelivery('1'), newDelivery('2', { orderingKey: 'b', ...whole })])
  const dispatcher = await joinDispatcher(ledger)
  for (const state of ['pending', 'pending', 'delivered'] as const) {
    await dispatcher.settle(await dispatcher.readOne(), {
      state,
      ...(state === 'pending' && { retryInMs: 0 }),
    })
  }
  const attempts = await lookAtAttempts(ledger, '1')
  await ledger.operate.resend('1')
  await ledger.dispatch.leave('first')
  await ledger.close()

  const [second, first, ...rest] = [...openExport(file).readDeliveries()].flat()
  expect(rest).toEqual([])
  expect(second).toEqual({
    id: '2',
    endpointId: 'one',
    orderingKey: 'b',
    type: 'OrderSigned',
    payload: '{"delivery":"2"}',
    idempotencyKey: 'key',
    context: 'trace',
    state: 'pending',
    acceptedAt: startOfTime,
    readyAt: startOfTime + 50,
    waitInMs: 50,
    tries: 0,
    lastStatus: null,
    lastErrorCode: null,
    settledAt: null,
    attempts: [],
  })
  expect(first).toMatchObject({ id: '1', idempotencyKey: null, readyAt: null, tries: 0, settledAt: null })
  expect(toAttemptRecords(first!.attempts)).toEqual(attempts)
})

test('reads more deliveries than it holds at a time', async () => {
  const file = createTestFile()
  const ledger = sqliteLedger({ file })
  const ids = Array.from({ length: 2500 }, (_, index) => `${index}`)
  await ledger.enqueue(newDeliveries(ids))
  await ledger.close()
  const pages = [...openExport(file).readDeliveries()]
  expect(pages.map(({ length }) => length)).toEqual([1000, 1000, 500])
  expect(pages.flat().map(({ id }) => id)).toEqual(ids)
})

test('reads what is stored about endpoints', async () => {
  const file = createTestFile()
  const time = createTestTime()
  const ledger = sqliteLedger({ file, now: time.now })
  await ledger.enqueue([newDelivery('1')])
  const dispatcher = await joinDispatcher(ledger, { endpointIds: ['one'] })
  await dispatcher.settle(await dispatcher.readOne())
  await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 10, openings: 2 })
  await ledger.operate.pauseEndpoint('two')
  await ledger.dispatch.leave('first')
  await ledger.close()
  expect(openExport(file).readEndpoints()).toEqual([
    {
      id: 'one',
      circuit: { since: startOfTime, until: startOfTime + 10, openings: 2 },
      lastSuccessAt: startOfTime,
    },
    { id: 'two', circuit: { since: 0, openings: 0 }, paused: { reason: 'operator', since: startOfTime } },
  ])
})

test('keeps all others from writing until it is closed', async () => {
  const file = createTestFile()
  const ledger = openTestLedger(file, { busyTimeoutInMs: 0 })
  const exported = openExport(file)
  await expect(ledger.enqueue([newDelivery('1')])).rejects.toMatchObject({ code: 'ledger_busy' })
  exported.close()
  await ledger.enqueue([newDelivery('1')])
})

test('sets the tables aside when it is committed, so that no ledger opens or goes on', async () => {
  const file = createTestFile()
  const ledger = openTestLedger(file)
  await ledger.enqueue([newDelivery('1')])
  const tried = openExport(file)
  tried.setAside('elsewhere')
  tried.close()
  await ledger.enqueue([newDelivery('2')])

  const exported = openExport(file)
  expect(exported.movedTo).toBeUndefined()
  exported.setAside('elsewhere')
  exported.commit()
  exported.close()
  const moved = { code: 'ledger_unavailable', message: expect.stringMatching(/moved to PostgreSQL/) }
  await expect(ledger.enqueue([newDelivery('3')])).rejects.toMatchObject(moved)
  await expect(ledger.dispatch.beat('first')).rejects.toMatchObject(moved)
  await expect(ledger.dispatch.readNew(undefined, 1)).rejects.toMatchObject(moved)
  expect(() => sqliteLedger({ file })).toThrow(expect.objectContaining(moved))
  expect(openExport(file).movedTo).toBe('elsewhere')
})

test('refuses a file from which a process delivers, and takes one whose process has died', async () => {
  const file = createTestFile()
  const ledger = openTestLedger(file)
  await joinDispatcher(ledger)
  expect(() => openSqliteExport(file)).toThrow(
    expect.objectContaining({ code: 'ledger_busy', message: expect.stringMatching(/stop it first/) }),
  )
  await ledger.enqueue([newDelivery('1')])
  const exported = openExport(file, { isDead: ({ id, place }) => id === 'first' && place === 'here' })
  expect([...exported.readDeliveries()].flat()).toHaveLength(1)
})

test('refuses what is no outbox, is not there, or is of a newer version', async () => {
  const file = createTestFile()
  const unavailable = expect.objectContaining({ code: 'ledger_unavailable' })
  expect(() => openSqliteExport(file)).toThrow(unavailable)
  openTestDatabase(file).exec('CREATE TABLE task (id TEXT)')
  expect(() => openSqliteExport(file)).toThrow(unavailable)
  const newer = createTestFile()
  await sqliteLedger({ file: newer }).close()
  const database = new DatabaseSync(newer)
  database.exec('UPDATE taskhook_schema SET version = 9999')
  database.close()
  expect(() => openSqliteExport(newer)).toThrow(expect.objectContaining({ code: 'ledger_newer' }))
})
