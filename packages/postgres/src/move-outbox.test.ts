import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteLedger, type Ledger } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTestDirectory } from '../../outbox/src/testing-directory.ts'
import { claim, claimOne, newDelivery, settle, startOfTime } from '../../outbox/src/testing-ledger.ts'
import { moveOutbox, type Move } from './move-outbox.ts'
import type { PostgresClient } from './postgres-client.ts'
import { createTestOutbox, readEverything, readFile } from './testing-move.ts'
import { useTestDatabase } from './testing-postgres.ts'

const database = useTestDatabase()

async function move(file: string, schema: string): Promise<Move> {
  return moveOutbox({ file, schema, connectionString: database.server.url })
}

async function open(schema: string): Promise<Ledger<PostgresClient>> {
  return database.open({ schema, clock: 'caller' })
}

function openFile(file: string): Ledger<DatabaseSync> {
  const ledger = sqliteLedger({ file })
  onTestFinished(() => ledger.close())
  return ledger
}

/** The application's own connection. */
function connectTo(file: string): DatabaseSync {
  const connection = new DatabaseSync(file)
  onTestFinished(() => connection.close())
  return connection
}

/** Undoes what a move did to the file, as if it had been killed before. */
function bringBack(file: string): void {
  const connection = new DatabaseSync(file)
  for (const table of ['deliveries', 'attempts', 'endpoints']) {
    connection.exec(`ALTER TABLE taskhook_moved_${table} RENAME TO taskhook_${table}`)
  }
  connection.exec('DROP TABLE taskhook_moved')
  connection.close()
}

describe('an outbox that is moved', () => {
  test('has everything that it had: states, order, attempts, keys, endpoints', async () => {
    const file = await createTestOutbox()
    const before = await readFile(file)
    const schema = database.createSchema()
    expect(await move(file, schema)).toEqual({
      moved: { pending: 6, delivered: 2, exhausted: 1, canceled: 1 },
      knownCount: 0,
      endpointCount: 3,
      wasMoved: false,
    })
    expect(await readEverything(await open(schema))).toEqual(before)
    expect(before.deliveries.map(({ attempts }) => attempts.length)).toContain(2)
  })

  test('goes on where it was: the order of each task, the retry schedule, the idempotency keys', async () => {
    const schema = database.createSchema()
    await move(await createTestOutbox(), schema)
    const ledger = await open(schema)
    const repeated = await ledger.enqueue([
      newDelivery('new', { idempotencyKey: 'key of first' }),
      newDelivery('new too', { idempotencyKey: 'two' }),
      newDelivery('4'),
    ])
    expect(repeated.map(({ id }) => id)).toEqual(['first', '2', '4'])

    // The first of task a waits for its retry, and all that are behind it wait too.
    expect(await claim(ledger)).toEqual([])
    expect((await claim(ledger, { now: startOfTime + 9 })).map(({ id }) => id)).toEqual(['third'])
    const now = startOfTime + 60_000
    const first = await claimOne(ledger, { now })
    expect(first).toMatchObject({ id: '1', tries: 1, token: 2 })
    await settle(ledger, first)
    for (const id of ['2', '3', '4']) {
      const next = await claimOne(ledger, { now })
      expect(next.id).toBe(id)
      await settle(ledger, next)
    }
  })

  test('has what was delivered in the partitions of those days, so that the oldest day goes first', async () => {
    const schema = database.createSchema()
    const file = join(createTestDirectory(), 'outbox.db')
    const source = openFile(file)
    const dayInMs = 24 * 60 * 60 * 1000
    for (let day = 0; day < 4; day += 1) {
      const now = startOfTime + day * dayInMs
      await source.enqueue([newDelivery(`${day}`)])
      await settle(source, await claimOne(source, { now }), { now })
    }
    await move(file, schema)
    const ledger = await open(schema)
    expect(await ledger.purge(startOfTime + 2 * dayInMs, 100)).toBe(2)
    const { deliveries } = await ledger.listDeliveries({}, { limit: 100 })
    expect(deliveries.map(({ id }) => id)).toEqual(['3', '2'])
  })

  test('may be larger than what is written at a time', async () => {
    const schema = database.createSchema()
    const file = join(createTestDirectory(), 'outbox.db')
    const source = openFile(file)
    const ids = Array.from({ length: 2100 }, (_, index) => `${index}`)
    await source.enqueue(ids.map((id) => newDelivery(id, { orderingKey: `${Number(id) % 50}` })))
    expect(await move(file, schema)).toMatchObject({ moved: { pending: 2100 } })
    const ledger = await open(schema)
    const { deliveries } = await ledger.listDeliveries({}, { limit: 3000 })
    expect(deliveries.map(({ id }) => id)).toEqual(ids.toReversed())
    expect((await claim(ledger)).map(({ id }) => id)).toEqual(ids.slice(0, 50))
  })

  test('comes after what PostgreSQL has of a task already, and a pause on either side stays', async () => {
    const schema = database.createSchema()
    const ledger = await open(schema)
    await ledger.enqueue([newDelivery('before')])
    await ledger.pauseEndpoint('here', 'operator', startOfTime)
    await ledger.resumeEndpoint('other', startOfTime)
    await move(await createTestOutbox(), schema)
    expect((await ledger.listPaused()).toSorted()).toEqual(['here', 'other'])
    const first = await claimOne(ledger)
    expect(first.id).toBe('before')
    await settle(ledger, first)
    expect((await claimOne(ledger, { now: startOfTime + 9 })).id).toBe('third')
    expect((await claimOne(ledger, { now: startOfTime + 60_000 })).id).toBe('1')
  })
})

describe('a move', () => {
  test('can be run again, and then changes nothing', async () => {
    const file = await createTestOutbox()
    const schema = database.createSchema()
    await move(file, schema)
    const ledger = await open(schema)
    const before = await readEverything(ledger)
    expect(await move(file, schema)).toMatchObject({ wasMoved: true })
    expect(await readEverything(ledger)).toEqual(before)
  })

  test('leaves alone what PostgreSQL has, whatever has become of it there', async () => {
    const file = await createTestOutbox()
    const schema = database.createSchema()
    await move(file, schema)
    bringBack(file)
    const ledger = await open(schema)
    const now = startOfTime + 60_000
    for (const lease of await claim(ledger, { now })) await settle(ledger, lease, { now: now * 2 })
    await ledger.resend('exhausted', startOfTime)
    const before = await readEverything(ledger)
    expect(await move(file, schema)).toEqual({
      moved: { pending: 0, delivered: 0, exhausted: 0, canceled: 0 },
      knownCount: 10,
      endpointCount: 3,
      wasMoved: false,
    })
    expect(await readEverything(ledger)).toEqual(before)
  })

  test('is refused when the outbox was moved to another database', async () => {
    const file = await createTestOutbox()
    await move(file, database.createSchema())
    await expect(move(file, database.createSchema())).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringMatching(/moved to another database/),
    })
  })

  test('is refused while a process delivers from the file, and takes its deliveries when its leases have ended', async () => {
    const file = await createTestOutbox()
    const schema = database.createSchema()
    const source = openFile(file)
    await source.enqueue(['kept', 'unwanted'].map((id) => newDelivery(id, { orderingKey: id })))
    const leases = await claim(source, { now: startOfTime, leaseEndsAt: Date.now() + 60_000 })
    await source.cancel('unwanted', startOfTime)
    const before = await readEverything(source)
    await expect(move(file, schema)).rejects.toMatchObject({
      code: 'ledger_busy',
      message: expect.stringMatching(/stop it first.* again in (59|60) s/),
    })
    expect(await readEverything(source)).toEqual(before)

    await source.renew(leases, Date.now() - 1, startOfTime)
    expect(await move(file, schema)).toMatchObject({ moved: { pending: 7, canceled: 2 } })
    const ledger = await open(schema)
    expect((await ledger.getDelivery('kept'))?.delivery).toMatchObject({
      state: 'pending',
      isInFlight: false,
    })
    expect((await ledger.getDelivery('unwanted'))?.delivery).toMatchObject({ state: 'canceled' })
  })

  test('ends the outbox in the file, for who has it open and who opens it', async () => {
    const file = await createTestOutbox()
    const source = openFile(file)
    await move(file, database.createSchema())
    const unavailable = { code: 'ledger_unavailable' }
    await expect(source.enqueue([newDelivery('new')])).rejects.toMatchObject(unavailable)
    await expect(claim(source, { now: startOfTime * 2 })).rejects.toMatchObject(unavailable)
    expect(() => sqliteLedger({ file })).toThrow(/taskhook_endpoints|moved to PostgreSQL/)
  })

  test('leaves what else is in the file as it is, were it broken', async () => {
    const file = await createTestOutbox()
    const application = connectTo(file)
    application.exec(`
      CREATE TABLE tasks (id TEXT);
      INSERT INTO tasks VALUES ('1');
      CREATE VIEW broken AS SELECT * FROM missing;
      CREATE VIEW pending AS SELECT id FROM taskhook_deliveries;
    `)
    const read = () =>
      application
        .prepare(`SELECT name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'taskhook%' ORDER BY name`)
        .all()
    const before = read()
    await move(file, database.createSchema())
    expect(read()).toEqual(before)
    expect(application.prepare('SELECT * FROM tasks').all()).toEqual([{ id: '1' }])
  })

  test('that fails half-way changes neither the file nor PostgreSQL, and says which delivery it cannot store', async () => {
    const file = await createTestOutbox()
    const schema = database.createSchema()
    const source = openFile(file)
    const many = Array.from({ length: 1500 }, (_, index) => newDelivery(`n${index}`))
    await source.enqueue([...many, newDelivery('odd', { payload: 'a\0b' })])
    const before = await readEverything(source)
    await expect(move(file, schema)).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringMatching(/^delivery odd: payload/),
    })
    expect(await readEverything(source)).toEqual(before)
    expect(await readEverything(await open(schema))).toEqual({ deliveries: [], endpoints: [] })
    expect(await source.enqueue([newDelivery('another')])).toHaveLength(1)
  })

  test('is refused without a database, and leaves the file as it is', async () => {
    const file = await createTestOutbox()
    const before = await readFile(file)
    const options = {
      file,
      schema: 'taskhook',
      connectionString: 'postgres://user:the-password@127.0.0.1:1/none',
    }
    const refused = moveOutbox(options)
    await expect(refused).rejects.toMatchObject({ code: 'ledger_unavailable' })
    await expect(refused).rejects.not.toThrow(/the-password/)
    expect(await readFile(file)).toEqual(before)
  })

  test.each<[what: string, code: string, make: (file: string) => void]>([
    ['is not there', 'ledger_unavailable', () => {}],
    ['is no database', 'ledger_corrupt', (file) => writeFileSync(file, 'no database at all, '.repeat(1000))],
    ['has no outbox', 'ledger_unavailable', (file) => new DatabaseSync(file).exec('CREATE TABLE tasks (id)')],
    [
      'is of a newer version',
      'ledger_newer',
      (file) =>
        new DatabaseSync(file).exec(
          'CREATE TABLE taskhook_schema (version); INSERT INTO taskhook_schema VALUES (2)',
        ),
    ],
  ])('is refused when the file %s, before anything is made in PostgreSQL', async (_what, code, make) => {
    const file = join(createTestDirectory(), 'outbox.db')
    make(file)
    const schema = database.createSchema()
    await expect(move(file, schema)).rejects.toMatchObject({ code })
    const { rows } = await (
      await database.connect()
    ).query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
    expect(rows).toEqual([])
  })
})
