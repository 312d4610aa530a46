import { OutboxError } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { createTestTime, joinDispatcher, newDelivery, type TestTime } from '@taskhook/outbox/testing'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PostgresClient } from '../connection/postgres-client.ts'
import { useTestDatabase } from '../testing/test-database.ts'
import { grantStatements, type LedgerPart } from './privileges.ts'

const database = useTestDatabase()
const lacksPrivilege = { code: 'ledger_unavailable', message: expect.stringMatching(/lacks a privilege/) }

/** A role that logs in, named after the schema so that no other test has it. */
async function createRole(name: string, schema: string, to?: LedgerPart): Promise<string> {
  const role = `${name} of ${schema}`
  const owner = await database.connect()
  await owner.query(`CREATE ROLE "${role}" LOGIN`)
  if (to !== undefined) await owner.query(grantStatements({ to, role, schema }))
  return role
}

function urlOf(role: string): string {
  const url = new URL(database.server.url)
  url.username = encodeURIComponent(role)
  return url.href
}

async function openAs(
  role: string,
  schema: string,
  time = createTestTime(),
): Promise<Ledger<PostgresClient>> {
  return database.open({ connectionString: urlOf(role), schema, now: time.now })
}

async function connectAs(role: string): Promise<Client> {
  const client = new Client(urlOf(role))
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** A ledger with a delivery in each table, and a role that has a part in it. */
async function open(part: LedgerPart): Promise<{
  schema: string
  role: string
  owner: Ledger<PostgresClient>
  ledger: Ledger<PostgresClient>
  time: TestTime
}> {
  const schema = database.createSchema()
  const time = createTestTime()
  const owner = await database.open({ schema, now: time.now })
  const dispatcher = await joinDispatcher(owner)
  await owner.enqueue([newDelivery('delivered', { orderingKey: 'done', idempotencyKey: 'once' })])
  await dispatcher.settle(await dispatcher.readOne())
  await owner.enqueue([newDelivery('pending')])
  await owner.dispatch.leave('first')
  const role = await createRole(part, schema, part)
  return { schema, role, owner, time, ledger: await openAs(role, schema, time) }
}

type Operations = Record<string, () => Promise<unknown>>

/** The names of those that fail for lack of a privilege. */
async function refusedOf(operations: Operations): Promise<string[]> {
  const refused: string[] = []
  for (const [name, operation] of Object.entries(operations)) {
    try {
      await operation()
    } catch (error) {
      const { code } = (OutboxError.isInstance(error) ? error.cause : error) as { code?: string }
      refused.push(code === '42501' ? name : `${name}, for another reason: ${String(error)}`)
    }
  }
  return refused
}

function statements(client: Client, ...texts: string[]): Operations {
  return Object.fromEntries(texts.map((text) => [text, () => client.query(text)]))
}

function enqueues(ledger: Ledger<PostgresClient>, client: Client): Operations {
  return {
    enqueue: () => ledger.enqueue([newDelivery('1')]),
    'enqueue within': () => ledger.enqueue([newDelivery('1')], { transaction: client }),
  }
}

function dispatches({ dispatch }: Ledger<PostgresClient>): Operations {
  const partition = { endpointId: 'one', partition: 0, epoch: 1 }
  const attempt = { startedAgoInMs: 0, durationInMs: 1, outcome: 'delivered' } as const
  const request = { endpointId: 'one', partitions: [0], after: 0, limit: 1 }
  return {
    join: () => dispatch.join({ id: 'me', place: 'here', endpointIds: ['one'] }),
    beat: () => dispatch.beat('me'),
    listDispatchers: () => dispatch.listDispatchers(),
    acquire: () => dispatch.acquire('me', [partition]),
    readNew: () => dispatch.readNew(undefined, 1),
    readBacklog: () => dispatch.readBacklog(request),
    readDue: () => dispatch.readDue({ endpointId: 'one', partitions: [0], limit: 1 }),
    readLines: () => dispatch.readLines([{ endpointId: 'one', orderingKey: 'a', after: 0, limit: 1 }]),
    readPending: () => dispatch.readPending([1]),
    settle: () => dispatch.settle('me', [{ ...partition, number: 0, tries: 0, attempt, state: 'delivered' }]),
    setCircuit: () => dispatch.setCircuit('one', { state: 'open', forInMs: 1, openings: 1 }),
    shortenWaits: () => dispatch.shortenWaits(1),
    release: () => dispatch.release('me', [partition]),
    bury: () => dispatch.bury([{ id: 'nobody', beat: 0 }]),
    leave: () => dispatch.leave('me'),
    purge: () => dispatch.purge(0, 1),
  }
}

function changes({ operate }: Ledger<PostgresClient>): Operations {
  return {
    resend: () => operate.resend('delivered'),
    cancel: () => operate.cancel('pending'),
    pauseEndpoint: () => operate.pauseEndpoint('one'),
    resumeEndpoint: () => operate.resumeEndpoint('one'),
  }
}

function looks({ operate, dispatch }: Ledger<PostgresClient>): Operations {
  return {
    listDeliveries: () => operate.listDeliveries({}, { limit: 10 }),
    getDelivery: () => operate.getDelivery('pending'),
    listEndpoints: () => operate.listEndpoints(),
    countDeliveries: () => operate.countDeliveries({}, 10),
    readVersion: () => operate.readVersion(),
    readEndpoints: () => dispatch.readEndpoints(0),
  }
}

describe('a role that enqueues', () => {
  test('accepts deliveries, by itself and in its own transaction, and knows a repeated one', async () => {
    const { role, owner, ledger } = await open('enqueue')
    await ledger.enqueue([newDelivery('1', { idempotencyKey: 'first' })])
    const client = await connectAs(role)
    await client.query('BEGIN')
    const accepted = await ledger.enqueue([newDelivery('2', { idempotencyKey: 'first' }), newDelivery('3')], {
      transaction: client,
    })
    await client.query('COMMIT')
    expect(accepted).toEqual([
      { id: '1', isRepeat: true },
      { id: '3', isRepeat: false },
    ])
    const { deliveries } = await owner.operate.listDeliveries({}, { limit: 10 })
    expect(deliveries.map(({ id }) => id)).toEqual(['3', '1', 'pending', 'delivered'])
  })

  test('does nothing else, and sees no payload', async () => {
    const { schema, role, ledger } = await open('enqueue')
    const client = await connectAs(role)
    const others = {
      ...dispatches(ledger),
      ...changes(ledger),
      ...looks(ledger),
      ...statements(
        client,
        `SELECT payload FROM ${schema}.deliveries`,
        `SELECT payload FROM ${schema}.delivered`,
        `INSERT INTO ${schema}.deliveries (id, endpoint_id, partition, ordering_key, type, payload, accepted_at, state)
        VALUES ('x', 'one', 0, 'a', 't', '{}', 0, 'canceled')`,
        `UPDATE ${schema}.deliveries SET payload = ''`,
        `DELETE FROM ${schema}.deliveries`,
      ),
    }
    expect(await refusedOf(others)).toEqual(Object.keys(others))
  })
})

describe('a role that delivers', () => {
  test('joins, reads, settles, pauses and resends, makes the days that it needs, and drops old ones', async () => {
    const { owner, ledger, time } = await open('deliver')
    expect(await refusedOf({ ...dispatches(ledger), ...looks(ledger) })).toEqual([])
    const dispatcher = await joinDispatcher(ledger)
    const tenDaysInMs = 10 * 24 * 60 * 60 * 1000
    time.pass(tenDaysInMs)
    expect(await dispatcher.settle(await dispatcher.readOne())).toBe('delivered')
    expect(await refusedOf(changes(ledger))).toEqual([])
    expect(await ledger.operate.getDelivery('delivered')).toMatchObject({ delivery: { state: 'pending' } })
    time.pass(tenDaysInMs)
    // Two days: of the other one, what was in it was resent.
    expect(await ledger.dispatch.purge(0, 100)).toBe(1)
    expect(await owner.operate.getDelivery('pending')).toBeUndefined()
  })

  test('accepts nothing', async () => {
    const { role, ledger } = await open('deliver')
    const client = await connectAs(role)
    await client.query('BEGIN')
    const others = enqueues(ledger, client)
    expect(await refusedOf(others)).toEqual(Object.keys(others))
  })

  test('cannot have the owner drop or make anything but partitions of what is delivered', async () => {
    const { schema, role, owner } = await open('deliver')
    // What the owner's functions call is not to be found first in a schema of the caller's.
    await (await database.connect()).query(`CREATE SCHEMA ${schema}_other AUTHORIZATION "${role}"`)
    const client = await connectAs(role)
    await client.query(`
      SET search_path = ${schema}_other, pg_catalog;
      CREATE FUNCTION hashtextextended(text, bigint) RETURNS bigint LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'called as %', current_user; END $$;
    `)
    await client.query(`SELECT ${schema}.ensure_day(0)`)
    expect((await client.query(`SELECT ${schema}.drop_day(0) AS count`)).rows).toEqual([{ count: '0' }])
    const others = statements(
      client,
      `INSERT INTO ${schema}.delivered_days VALUES (0, 1, 'deliveries')`,
      `UPDATE ${schema}.delivered_days SET name = 'deliveries'`,
      `UPDATE ${schema}.ledger SET partition_in_ms = 1`,
      `CREATE TABLE ${schema}.x ()`,
      `DROP TABLE ${schema}.deliveries`,
      `TRUNCATE ${schema}.delivered`,
    )
    expect(await refusedOf(others)).toEqual(Object.keys(others))
    expect(await owner.operate.getDelivery('delivered')).toBeDefined()
  })
})

describe('a role that reads', () => {
  test('lists and looks up deliveries and endpoints', async () => {
    const { ledger, owner } = await open('read')
    await owner.operate.pauseEndpoint('one')
    const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 10 })
    expect(deliveries.map(({ id, state }) => [id, state])).toEqual([
      ['pending', 'pending'],
      ['delivered', 'delivered'],
    ])
    expect(await ledger.operate.getDelivery('delivered')).toMatchObject({ attempts: [{ number: 1 }] })
    expect((await ledger.operate.listEndpoints())[0]).toMatchObject({ id: 'one', pending: 1 })
  })

  test('changes nothing', async () => {
    const { ledger, role } = await open('read')
    const client = await connectAs(role)
    await client.query('BEGIN')
    const others = { ...dispatches(ledger), ...changes(ledger), ...enqueues(ledger, client) }
    expect(await refusedOf(others)).toEqual(Object.keys(others))
  })
})

describe('a role without a part', () => {
  test('cannot open the ledger, nor make one', async () => {
    const schema = database.createSchema()
    await database.open({ schema })
    const role = await createRole('nobody', schema)
    await expect(openAs(role, schema)).rejects.toMatchObject(lacksPrivilege)
    await expect(openAs(role, database.createSchema())).rejects.toMatchObject(lacksPrivilege)
  })

  test('cannot call a function, not even where it may use the schema', async () => {
    const schema = database.createSchema()
    await database.open({ schema })
    const owner = await database.connect()
    const { rows } = await owner.query(
      `SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
      WHERE pronamespace = $1::regnamespace AND grantee = 0`,
      [schema],
    )
    expect(rows).toEqual([])
  })
})

describe('the statements', () => {
  test('quote the role, and refuse what is no role, part or schema', () => {
    expect(grantStatements({ to: 'read', role: 'a"; DROP SCHEMA x; --' })).toContain(
      'GRANT USAGE ON SCHEMA "taskhook" TO "a""; DROP SCHEMA x; --";',
    )
    const refused = [
      { to: 'read', role: '' },
      { to: 'write' as LedgerPart, role: 'web' },
      { to: 'read', role: 'web', schema: 'a"b' },
    ] as const
    for (const options of refused) {
      expect(() => grantStatements(options)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    }
  })

  test('can be run again', async () => {
    const { schema, role } = await open('deliver')
    const owner = await database.connect()
    await expect(owner.query(grantStatements({ to: 'deliver', role, schema }))).resolves.toBeDefined()
  })
})
