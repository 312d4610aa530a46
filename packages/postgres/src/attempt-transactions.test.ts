import { createOutbox, type EndpointSpec } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { joinDispatcher, look, lookAtAttempts, newDelivery, newDeliveries } from '@taskhook/outbox/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Pool } from 'pg'
import type { PostgresClient, PostgresConnection, PostgresPool } from './connection/postgres-client.ts'
import { useTestDatabase } from './testing/test-database.ts'
import { until } from './testing/until.ts'

const { open, connect, createPool, createSchema } = useTestDatabase()
const never = new AbortController().signal

type Handler = EndpointSpec<PostgresClient>['attempt']

/** A ledger, a table of effects, and what delivers to a handler. */
async function start(attempt: Handler, given: Parameters<typeof open>[0] = {}) {
  const schema = createSchema()
  const ledger = await open({ ...given, schema })
  const application = await connect()
  const table = `${schema}_effects`
  await application.query(`
    CREATE TABLE ${table} (task text NOT NULL CHECK (task <> 'bad'));
    CREATE UNIQUE INDEX ON ${table} (task);
  `)
  const endpoint = {
    id: 'one',
    maxConcurrency: 8,
    retryScheduleInMs: [0, 10, 10],
    transaction: true,
    attempt,
  } satisfies EndpointSpec<PostgresClient>
  const outbox = createOutbox<PostgresClient>({ ledger, endpoints: [endpoint] })
  onTestFinished(() => outbox.stop({ timeoutInMs: 0 }))
  await outbox.start()
  return {
    ledger,
    application,
    table,
    effects: async () => {
      const { rows } = await application.query(`SELECT task FROM ${table} ORDER BY task`)
      return rows.map(({ task }) => task as string)
    },
  }
}

const delivered = { outcome: 'delivered', durationInMs: 1 } as const
const deliver: Handler = async () => delivered

async function ends(ledger: Ledger, id: string): Promise<void> {
  await until(async () => (await look(ledger, id)).state !== 'pending')
}

/** A pool whose connections do not answer when a transaction of an attempt begins. */
function hangAtBegin(pool: Pool, onBegin: () => void): PostgresPool {
  return {
    options: pool.options,
    async connect() {
      const connection = await pool.connect()
      return new Proxy<PostgresConnection>(connection, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name)
          if (typeof value !== 'function') return value
          return (...given: unknown[]) => {
            if (name !== 'query' || !String(given[0]).includes('taskhook.attempt =')) {
              return (value as (...given: unknown[]) => unknown).apply(target, given)
            }
            onBegin()
            return new Promise(() => {})
          }
        },
      })
    },
  }
}

describe('an attempt with a transaction on PostgreSQL', () => {
  test('has its effect once, however often it failed before', async () => {
    const { ledger, effects, table } = await start(async ({ id }, _signal, { attempt, transaction }) => {
      await transaction!.query(`INSERT INTO ${table} VALUES ($1)`, [id])
      if (attempt === 1) throw new Error('not yet')
      return delivered
    })
    await ledger.enqueue([newDelivery('1')])
    await ends(ledger, '1')
    expect(await effects()).toEqual(['1'])
    expect(await lookAtAttempts(ledger, '1')).toHaveLength(2)
  })

  test.each<
    [what: string, spoil: (transaction: PostgresClient, table: string) => Promise<unknown>, code: RegExp]
  >([
    ['ended the transaction itself', (client) => client.query('COMMIT'), /must not COMMIT/],
    ['ended it and began another', (client) => client.query('COMMIT; BEGIN'), /must not COMMIT/],
    [
      'went on after a statement of it had failed',
      (client, table) => client.query(`INSERT INTO ${table} VALUES ('bad')`).catch(() => {}),
      /can only be rolled back/,
    ],
    [
      'was cut off from the database',
      (client) => client.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {}),
      /./,
    ],
  ])('has failed when it %s, and has its effect at the next', async (_what, spoil, message) => {
    const { ledger, effects, table } = await start(async ({ id }, _signal, { attempt, transaction }) => {
      if (attempt === 1) await spoil(transaction!, table)
      else await transaction!.query(`INSERT INTO ${table} VALUES ($1)`, [id])
      return delivered
    })
    await ledger.enqueue([newDelivery('1')])
    await ends(ledger, '1')
    expect(await effects()).toEqual(['1'])
    expect(await lookAtAttempts(ledger, '1')).toMatchObject([
      { errorCode: 'commit_failed', errorMessage: expect.stringMatching(message) },
      { outcome: 'delivered' },
    ])
  })

  test('waits for the disk, whatever the attempt says of that', async () => {
    const durability: unknown[] = []
    const { ledger, table } = await start(async ({ id }, _signal, { transaction }) => {
      await transaction!.query('SET LOCAL synchronous_commit = off')
      await transaction!.query(`INSERT INTO ${table} VALUES ($1)`, [id])
      return delivered
    })
    const pool = createPool()
    await pool.query(`
      CREATE FUNCTION note_durability() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('durability', current_setting('synchronous_commit'));
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER durability AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION note_durability();
    `)
    const listener = await connect()
    listener.on('notification', ({ payload }) => durability.push(payload))
    await listener.query('LISTEN durability')
    await ledger.enqueue([newDelivery('1')])
    await until(async () => durability.length > 0)
    expect(durability).toEqual(['on'])
  })

  test('leaves half of the pool to what it asks for outside its transaction', async () => {
    let atOnce = 0
    let most = 0
    const started = await start(
      async ({ id }, _signal, { transaction }) => {
        most = Math.max(most, (atOnce += 1))
        // As many as may be there at once are.
        await until(async () => most >= 2)
        await transaction!.query(`INSERT INTO ${started.table} VALUES ($1)`, [id])
        await started.ledger.enqueue([newDelivery(`next of ${id}`, { endpointId: 'two' })])
        atOnce -= 1
        return delivered
      },
      { maxConnections: 4 },
    )
    const { ledger, effects } = started
    const ids = ['1', '2', '3', '4', '5', '6', '7', '8']
    await ledger.enqueue(newDeliveries(ids))
    for (const id of ids) await ends(ledger, id)
    expect(await effects()).toEqual(ids)
    expect(most).toBe(2)
  })

  test("takes connections of the application's pool, and gives them back", async () => {
    const pool = createPool({ max: 3 })
    const { ledger, effects, table } = await start(
      async ({ id }, _signal, { transaction }) => {
        await transaction!.query(`INSERT INTO ${table} VALUES ($1)`, [id])
        return delivered
      },
      { pool, listen: false },
    )
    const ids = ['1', '2', '3', '4', '5']
    await ledger.enqueue(newDeliveries(ids))
    for (const id of ids) await ends(ledger, id)
    expect(await effects()).toEqual(ids)
    expect(pool.totalCount).toBeLessThanOrEqual(3)
  })

  // It waited for the connection for as long as a statement may take, and its outbox could not leave.
  test('waits no longer for a connection when it is aborted, and gives back what comes late', async () => {
    const pool = createPool({ max: 2 })
    const ledger = await open({ pool, listen: false })
    const lent = [await pool.connect(), await pool.connect()]
    const controller = new AbortController()
    const begun = ledger.dispatch.begin(controller.signal)
    controller.abort(new Error('enough'))
    await expect(begun).rejects.toThrow('enough')
    for (const connection of lent) connection.release()
    const next = await ledger.dispatch.begin(never)
    await next.rollBack()
    expect(pool.idleCount).toBe(pool.totalCount)
  })

  // Its partitions were free for others only when its lease had ended.
  test('lets its outbox leave when the transaction does not begin', async () => {
    const pool = createPool({ max: 4 })
    const asked = Promise.withResolvers<void>()
    const ledger = await open({ pool: hangAtBegin(pool, asked.resolve), listen: false })
    const outbox = createOutbox<PostgresClient>({
      ledger,
      endpoints: [
        { id: 'one', maxConcurrency: 1, retryScheduleInMs: [0], transaction: true, attempt: deliver },
      ],
    })
    await outbox.start()
    await ledger.enqueue([newDelivery('1')])
    await asked.promise
    await outbox.stop({ timeoutInMs: 0 })
    expect(await ledger.dispatch.listDispatchers()).toEqual([])
    expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 0 })
  })

  test('is refused where the pool has one connection', async () => {
    const ledger = await open({ maxConnections: 1 })
    expect(() => ledger.dispatch.checkBegin()).toThrow(
      expect.objectContaining({ code: 'transaction_invalid' }),
    )
    await expect(ledger.dispatch.begin(never)).rejects.toMatchObject({ code: 'transaction_invalid' })
  })

  test('keeps its partition from changing hands while it commits', async () => {
    const ledger = await open()
    await ledger.enqueue([newDelivery('1')])
    const dispatcher = await joinDispatcher(ledger)
    const delivery = await dispatcher.readOne()
    const attempt = await ledger.dispatch.begin(never)
    const committed = attempt.commit('first', dispatcher.toSettlement(delivery))
    await ledger.dispatch.leave('first')
    const answer = await committed
    expect((await look(ledger, '1')).state).toBe(answer === 'lost' ? 'pending' : 'delivered')
  })
})
