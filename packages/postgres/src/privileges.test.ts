import { OutboxError, type Ledger } from '@taskhook/outbox'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { claimOne, newDelivery, settle, startOfTime } from '../../outbox/src/testing-ledger.ts'
import type { PostgresClient } from './postgres-client.ts'
import { grantStatements, type LedgerPart } from './privileges.ts'
import { useTestDatabase } from './testing-postgres.ts'

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

async function openAs(role: string, schema: string): Promise<Ledger<PostgresClient>> {
  return database.open({ connectionString: urlOf(role), schema, clock: 'caller' })
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
}> {
  const schema = database.createSchema()
  const owner = await database.open({ schema, clock: 'caller' })
  await owner.enqueue([newDelivery('delivered', { orderingKey: 'done', idempotencyKey: 'once' })])
  await settle(owner, await claimOne(owner))
  await owner.enqueue([newDelivery('pending')])
  const role = await createRole(part, schema, part)
  return { schema, role, owner, ledger: await openAs(role, schema) }
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
    enqueueWithin: () => ledger.enqueueWithin(client, [newDelivery('1')]),
  }
}

function attempts(ledger: Ledger<PostgresClient>): Operations {
  return {
    claim: () =>
      ledger.claim({ endpointId: 'one', limit: 1, owner: 'other', now: startOfTime, leaseEndsAt: 1 }),
    settle: () => settle(ledger, { id: 'pending', token: 1 }),
    renew: () => ledger.renew([{ id: 'pending', token: 1 }], 1, 0),
    release: () => ledger.release([{ id: 'pending', token: 1 }], 0),
    recover: () => ledger.recover(() => false, 0),
    purge: () => ledger.purge(startOfTime * 2, 1),
  }
}

function changes(ledger: Ledger<PostgresClient>): Operations {
  return {
    resend: () => ledger.resend('delivered', startOfTime),
    cancel: () => ledger.cancel('pending', startOfTime),
    pauseEndpoint: () => ledger.pauseEndpoint('one', 'operator', startOfTime),
    resumeEndpoint: () => ledger.resumeEndpoint('one', startOfTime),
    noteCircuit: () => ledger.noteCircuit('one', { state: 'open', since: 1 }),
  }
}

function looks(ledger: Ledger<PostgresClient>): Operations {
  return {
    listDeliveries: () => ledger.listDeliveries({}, { limit: 10 }),
    getDelivery: () => ledger.getDelivery('pending'),
    listEndpoints: () => ledger.listEndpoints([]),
    listPaused: () => ledger.listPaused(),
  }
}

describe('a role that enqueues', () => {
  test('accepts deliveries, by itself and in its own transaction, and knows a repeated one', async () => {
    const { role, owner, ledger } = await open('enqueue')
    await ledger.enqueue([newDelivery('1', { idempotencyKey: 'first' })])
    const client = await connectAs(role)
    await client.query('BEGIN')
    const accepted = await ledger.enqueueWithin(client, [
      newDelivery('2', { idempotencyKey: 'first' }),
      newDelivery('3'),
    ])
    await client.query('COMMIT')
    expect(accepted).toEqual([
      { id: '1', isRepeat: true },
      { id: '3', isRepeat: false },
    ])
    const { deliveries } = await owner.listDeliveries({}, { limit: 10 })
    expect(deliveries.map(({ id }) => id)).toEqual(['3', '1', 'pending', 'delivered'])
  })

  test('does nothing else, and sees no payload', async () => {
    const { schema, role, ledger } = await open('enqueue')
    const client = await connectAs(role)
    const others = {
      ...attempts(ledger),
      ...changes(ledger),
      ...looks(ledger),
      ...statements(
        client,
        `SELECT payload FROM ${schema}.deliveries`,
        `SELECT payload FROM ${schema}.delivered`,
        `INSERT INTO ${schema}.deliveries (id, endpoint_id, ordering_key, type, payload, accepted_at, ready_from, state)
        VALUES ('x', 'one', 'a', 't', '{}', 0, 0, 'canceled')`,
        `UPDATE ${schema}.deliveries SET payload = ''`,
        `DELETE FROM ${schema}.deliveries`,
      ),
    }
    expect(await refusedOf(others)).toEqual(Object.keys(others))
  })
})

describe('a role that delivers', () => {
  test('claims, settles, pauses and resends, makes the partitions that it needs, and drops old ones', async () => {
    const { owner, ledger } = await open('deliver')
    const lease = await claimOne(ledger)
    expect(await ledger.renew([lease], startOfTime + 90_000, startOfTime)).toHaveLength(1)
    await ledger.release([lease], startOfTime)
    await claimOne(ledger)
    expect(await ledger.recover(() => false, startOfTime)).toBe(1)
    const later = startOfTime + 10 * 24 * 60 * 60 * 1000
    expect(await settle(ledger, await claimOne(ledger, { now: later }), { now: later })).toBe(true)
    expect(await refusedOf({ ...changes(ledger), ...looks(ledger) })).toEqual([])
    expect(await ledger.getDelivery('delivered')).toMatchObject({ delivery: { state: 'pending' } })
    expect(await ledger.purge(later * 2, 100)).toBe(1)
    expect(await owner.getDelivery('pending')).toBeUndefined()
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
    await client.query(`SELECT ${schema}.ensure_partition(0)`)
    expect((await client.query(`SELECT ${schema}.drop_partition(0) AS count`)).rows).toEqual([{ count: '0' }])
    const others = statements(
      client,
      `INSERT INTO ${schema}.delivered_partitions VALUES (0, 1, 'deliveries')`,
      `UPDATE ${schema}.delivered_partitions SET name = 'deliveries'`,
      `UPDATE ${schema}.ledger SET partition_in_ms = 1`,
      `CREATE TABLE ${schema}.x ()`,
      `DROP TABLE ${schema}.deliveries`,
      `TRUNCATE ${schema}.delivered`,
    )
    expect(await refusedOf(others)).toEqual(Object.keys(others))
    expect(await owner.getDelivery('delivered')).toBeDefined()
  })
})

describe('a role that reads', () => {
  test('lists and looks up deliveries and endpoints', async () => {
    const { ledger, owner } = await open('read')
    await owner.pauseEndpoint('one', 'operator', startOfTime)
    const { deliveries } = await ledger.listDeliveries({}, { limit: 10 })
    expect(deliveries.map(({ id, state }) => [id, state])).toEqual([
      ['pending', 'pending'],
      ['delivered', 'delivered'],
    ])
    expect(await ledger.getDelivery('delivered')).toMatchObject({ attempts: [{ number: 1 }] })
    expect(await ledger.listEndpoints([])).toMatchObject([{ id: 'one', pending: 1 }])
  })

  test('changes nothing', async () => {
    const { ledger, role, owner } = await open('read')
    // Something that it could give back.
    await claimOne(owner)
    const client = await connectAs(role)
    await client.query('BEGIN')
    const others = { ...attempts(ledger), ...changes(ledger), ...enqueues(ledger, client) }
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
