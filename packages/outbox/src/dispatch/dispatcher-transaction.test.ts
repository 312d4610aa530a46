import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { createOutbox } from '../create-outbox.ts'
import { sqliteLedger } from '../sqlite/sqlite-ledger.ts'
import { collectMessages } from '../testing/collect-messages.ts'
import { lookAtAttempts } from '../testing/look.ts'
import { answered, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox, type TestOutbox } from '../testing/test-outbox.ts'
import { openTestDatabase } from '../testing/test-sqlite.ts'
import type { EndpointSpec } from './endpoint-spec.ts'

const second = 1000

/** An outbox on the application's own database, which has a table of effects; effects are of a known task. */
function open(): TestOutbox & { application: DatabaseSync; effects: () => unknown[] } {
  const opened = openTestOutbox()
  const application = openTestDatabase(opened.file)
  application.exec(`
    CREATE TABLE tasks (id TEXT PRIMARY KEY) STRICT;
    INSERT INTO tasks VALUES ('1'), ('2'), ('3');
    CREATE TABLE effects (task TEXT NOT NULL REFERENCES tasks DEFERRABLE INITIALLY DEFERRED) STRICT;
  `)
  const read = application.prepare('SELECT task FROM effects ORDER BY rowid')
  return { ...opened, application, effects: () => read.all().map(({ task }) => task) }
}

function createHandler(
  attempt: EndpointSpec<DatabaseSync>['attempt'],
  given: Partial<EndpointSpec<DatabaseSync>> = {},
): EndpointSpec<DatabaseSync> {
  return {
    id: 'one',
    maxConcurrency: 4,
    retryScheduleInMs: [0, second, second],
    transaction: true,
    attempt,
    ...given,
  }
}

function addEffect(transaction: DatabaseSync | undefined, task: string): void {
  transaction!.prepare('INSERT INTO effects VALUES (?)').run(task)
}

describe('an endpoint with a transaction for each attempt', () => {
  test('has what an attempt wrote once, however often it failed before', async () => {
    const { clock, ledger, enqueue, startOutbox, effects, look } = open()
    const numbers: number[] = []
    const endpoint = createHandler(async ({ id }, _signal, { attempt, transaction }) => {
      numbers.push(attempt)
      addEffect(transaction, id)
      if (attempt === 1) throw new Error('not yet')
      return attempt === 2 ? answered(500) : delivered
    })
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('1')
    expect(effects()).toEqual([])
    await clock.advance(2 * second)
    expect(numbers).toEqual([1, 2, 3])
    expect(effects()).toEqual(['1'])
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 3 })
    expect(await lookAtAttempts(ledger, '1')).toMatchObject([
      { errorCode: 'attempt_threw', errorMessage: 'not yet' },
      { status: 500 },
      { outcome: 'delivered' },
    ])
  })

  test('counts it as a failed attempt when the transaction cannot be committed', async () => {
    const { clock, ledger, enqueue, startOutbox, effects, application } = open()
    const endpoint = createHandler(async ({ id }, _signal, { transaction }) => {
      addEffect(transaction, id)
      return delivered
    })
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('unknown')
    expect(await lookAtAttempts(ledger, 'unknown')).toMatchObject([
      { outcome: 'retry', errorCode: 'commit_failed' },
    ])
    application.exec(`INSERT INTO tasks VALUES ('unknown')`)
    await clock.advance(second)
    expect(effects()).toEqual(['unknown'])
  })

  test.each(['COMMIT', 'ROLLBACK', 'COMMIT; BEGIN IMMEDIATE'])(
    'has failed when the attempt ends the transaction itself by %s, and works on',
    async (ends) => {
      const { clock, ledger, enqueue, startOutbox, look } = open()
      const endpoint = createHandler(async (_delivery, _signal, { attempt, transaction }) => {
        if (attempt === 1) transaction!.exec(ends)
        return delivered
      })
      await startOutbox({ endpoints: [endpoint] })
      await enqueue('1')
      expect(await lookAtAttempts(ledger, '1')).toMatchObject([
        { errorCode: 'commit_failed', errorMessage: expect.stringMatching(/must not COMMIT/) },
      ])
      await clock.advance(second)
      expect(await look('1')).toMatchObject({ state: 'delivered' })
    },
  )

  test('lets others write while an attempt has not used its transaction yet', async () => {
    const { clock, enqueue, startOutbox, effects } = open()
    const { promise: fetched, resolve: fetch } = Promise.withResolvers<void>()
    const endpoint = createHandler(async ({ id }, _signal, context) => {
      await fetched
      addEffect(context.transaction, id)
      return delivered
    })
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('1')
    await enqueue('2')
    fetch()
    await clock.quiet()
    expect(effects()).toEqual(['1', '2'])
  })

  test('has nothing of an attempt whose partition another process took over', async () => {
    const { clock, ledger, enqueue, startOutbox, effects, look } = open()
    const { promise: fetched, resolve: fetch } = Promise.withResolvers<void>()
    const endpoint = createHandler(async ({ id }, _signal, context) => {
      await fetched
      addEffect(context.transaction, id)
      return delivered
    })
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('1')
    const dead = (await ledger.dispatch.listDispatchers()).map(({ id, beat }) => ({ id, beat }))
    await ledger.dispatch.bury(dead)
    await ledger.dispatch.join({ id: 'other', place: 'elsewhere', endpointIds: ['one'] })
    await ledger.dispatch.acquire('other', [{ endpointId: 'one', partition: 0 }])
    const all = Array.from({ length: ledger.dispatch.partitionCount }, (_, partition) => partition)
    await ledger.dispatch.acquire(
      'other',
      all.map((partition) => ({ endpointId: 'one', partition })),
    )
    fetch()
    await clock.quiet()
    expect(effects()).toEqual([])
    expect(await look('1')).toMatchObject({ state: 'pending', attemptCount: 0 })
  })

  test('has nothing of an attempt that took too long, whatever it goes on to write', async () => {
    const { clock, ledger, enqueue, startOutbox, effects } = open()
    const { promise: hung, resolve: goOn } = Promise.withResolvers<void>()
    const late: unknown[] = []
    const endpoint = createHandler(
      async ({ id }, _signal, { attempt, transaction }) => {
        addEffect(transaction, id)
        if (attempt > 1) return delivered
        await hung
        try {
          addEffect(transaction, id)
        } catch (error) {
          late.push(error)
        }
        return delivered
      },
      { attemptTimeoutInMs: second },
    )
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('1')
    await clock.advance(2 * second)
    goOn()
    await clock.quiet()
    expect(late).toHaveLength(1)
    expect(effects()).toEqual([])
    await clock.advance(second)
    expect(effects()).toEqual(['1'])
    expect(await lookAtAttempts(ledger, '1')).toMatchObject([
      { errorCode: 'attempt_timeout' },
      { outcome: 'delivered' },
    ])
  })

  test('does not count an attempt that could not have its transaction', async () => {
    const failed = collectMessages('failed')
    const { clock, ledger, enqueue, startOutbox, effects } = open()
    const endpoint = createHandler(async ({ id }, _signal, { transaction }) => {
      addEffect(transaction, id)
      return delivered
    })
    let isAway = true
    const dispatch = {
      ...ledger.dispatch,
      begin: (signal: AbortSignal) =>
        isAway ? Promise.reject(new Error('away')) : ledger.dispatch.begin(signal),
    }
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })
    await enqueue('1')
    await clock.advance(second)
    expect(failed.length).toBeGreaterThan(1)
    isAway = false
    await clock.advance(second)
    expect(effects()).toEqual(['1'])
    expect(await lookAtAttempts(ledger, '1')).toHaveLength(1)
  })

  // Another process writes for longer than this one may wait. The attempt was counted as one that failed.
  test('does not count an attempt whose transaction could not begin', async () => {
    const failed = collectMessages('failed')
    const { clock, ledger, enqueue, startOutbox, effects, application } = open()
    const endpoint = createHandler(async ({ id }, _signal, context) => {
      if (failed.length === 0) application.exec('BEGIN IMMEDIATE')
      try {
        addEffect(context.transaction, id)
      } finally {
        if (application.isTransaction) application.exec('ROLLBACK')
      }
      return delivered
    })
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('1')
    await clock.advance(second)
    expect(failed).toMatchObject([{ error: { code: 'ledger_busy' } }])
    expect(effects()).toEqual(['1'])
    expect(await lookAtAttempts(ledger, '1')).toHaveLength(1)
  })

  // What an attempt leaves behind at the connection kept all later ones from their transactions.
  test.each<[string, (transaction: DatabaseSync) => unknown]>([
    ['closes the connection', (transaction) => transaction.close()],
    ['leaves a read open', (transaction) => transaction.prepare('SELECT * FROM tasks').iterate().next()],
  ])('has its effects in the next attempt when one %s', async (_what, leave) => {
    const { clock, enqueue, startOutbox, effects, look, application } = open()
    const left: unknown[] = []
    const endpoint = createHandler(async ({ id }, _signal, { attempt, transaction }) => {
      if (id === '1' && attempt === 1) left.push(leave(transaction!))
      else addEffect(transaction, id)
      return delivered
    })
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('1')
    application.exec(`INSERT INTO tasks VALUES ('4')`)
    await enqueue('2')
    await clock.advance(2 * second)
    expect(effects()).toContain('2')
    expect(await look('1')).toMatchObject({ state: 'delivered' })
    expect(await look('2')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('works on when an attempt begins a transaction of its own after its end', async () => {
    const { clock, enqueue, startOutbox, effects, look } = open()
    let kept: DatabaseSync | undefined
    const endpoint = createHandler(async ({ id }, _signal, { transaction }) => {
      kept ??= transaction
      addEffect(transaction, id)
      return delivered
    })
    await startOutbox({ endpoints: [endpoint] })
    await enqueue('1')
    kept!.exec('BEGIN')
    await enqueue('2')
    await clock.advance(second)
    expect(effects()).toEqual(['1', '2'])
    expect(await look('2')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('is refused with a ledger in memory, which has no other connection', async () => {
    const ledger = sqliteLedger({ file: ':memory:' })
    const endpoint = createHandler(async () => delivered)
    expect(() => createOutbox({ ledger, endpoints: [endpoint] })).toThrow(
      expect.objectContaining({ code: 'transaction_invalid' }),
    )
    const outbox = createOutbox({ ledger })
    await expect(outbox.configure([endpoint])).rejects.toMatchObject({ code: 'transaction_invalid' })
    await ledger.close()
  })
})
