import { createOutbox, type EndpointSpec } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { joinDispatcher, look, lookAtAttempts, newDelivery, newDeliveries } from '@taskhook/outbox/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PostgresClient } from './connection/postgres-client.ts'
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

async function ends(ledger: Ledger, id: string): Promise<void> {
  await until(async () => (await look(ledger, id)).state !== 'pending')
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
