import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteLedger } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createTestDirectory,
  createTestTime,
  idsOf,
  joinDispatcher,
  listIds,
  look,
  lookAtEndpoint,
  newDelivery,
} from '@taskhook/outbox/testing'
import { moveOutbox, type Move } from './move-outbox.ts'
import type { PostgresClient } from '../connection/postgres-client.ts'
import { createTestOutbox, readEverything, readFile, timeOfMove } from './testing-move.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()

const move = (file: string, schema: string): Promise<Move> =>
  moveOutbox({ file, schema, connectionString: database.server.url })

async function open(schema: string, now = () => timeOfMove): Promise<Ledger<PostgresClient>> {
  return database.open({ schema, now })
}

function openFile(file: string, now?: () => number): Ledger<DatabaseSync> {
  const ledger = sqliteLedger({ file, ...(now !== undefined && { now }) })
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
  const moved = connection.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'taskhook_moved_%'",
  )
  for (const { name } of moved.all()) {
    connection.exec(`ALTER TABLE ${String(name)} RENAME TO ${String(name).replace('moved_', '')}`)
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
    const time = createTestTime()
    time.set(timeOfMove)
    const ledger = await open(schema, time.now)
    const repeated = await ledger.enqueue([
      newDelivery('new', { idempotencyKey: 'key of first' }),
      newDelivery('new too', { idempotencyKey: 'two' }),
      newDelivery('4'),
    ])
    expect(repeated.map(({ id }) => id)).toEqual(['first', '2', '4'])

    // The first of task a waits for its retry, and all that are behind it wait too.
    const dispatcher = await joinDispatcher(ledger)
    expect(idsOf(await dispatcher.readReady())).toEqual(['third'])
    time.pass(60_000)
    const [first] = (await dispatcher.readDue()).deliveries
    expect(first).toMatchObject({ id: '1', tries: 1 })
    const ids: string[] = []
    const line = { endpointId: 'one', orderingKey: 'a', after: 0, limit: 10 }
    for (const delivery of (await ledger.dispatch.readLines([line])).flat()) {
      ids.push(delivery.id)
      expect(await dispatcher.settle(delivery)).toBe('delivered')
    }
    expect(ids).toEqual(['1', '2', '3', '4'])
  })

  test('has what was delivered in the partitions of those days, so that the oldest day goes first', async () => {
    const schema = database.createSchema()
    const file = join(createTestDirectory(), 'outbox.db')
    const time = createTestTime()
    const source = openFile(file, time.now)
    const dispatcher = await joinDispatcher(source)
    const dayInMs = 24 * 60 * 60 * 1000
    for (let day = 0; day < 4; day += 1) {
      await source.enqueue([newDelivery(`${day}`)])
      await dispatcher.settle(await dispatcher.readOne())
      time.pass(dayInMs)
    }
    await source.dispatch.leave('first')
    await move(file, schema)
    const ledger = await open(schema, time.now)
    expect(await ledger.dispatch.purge(2 * dayInMs, 100)).toBe(2)
    expect(await listIds(ledger)).toEqual(['2', '3'])
  })

  test('may be larger than what is written at a time', async () => {
    const schema = database.createSchema()
    const file = join(createTestDirectory(), 'outbox.db')
    const source = openFile(file)
    const ids = Array.from({ length: 2100 }, (_, index) => `${index}`)
    await source.enqueue(ids.map((id, index) => newDelivery(id, { orderingKey: `${index % 50}` })))
    expect(await move(file, schema)).toMatchObject({ moved: { pending: 2100 } })
    const ledger = await open(schema)
    const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 3000 })
    expect(idsOf(deliveries)).toEqual(ids.toReversed())
    const dispatcher = await joinDispatcher(ledger)
    expect(idsOf(await dispatcher.readBacklog({ limit: 3000 }))).toEqual(ids)
    expect(idsOf(await dispatcher.readReady())).toEqual(ids.slice(0, 50))
  })

  test('comes after what PostgreSQL has of a task already, and a pause on either side stays', async () => {
    const schema = database.createSchema()
    const ledger = await open(schema)
    await ledger.enqueue([newDelivery('before')])
    await ledger.operate.pauseEndpoint('here')
    await ledger.operate.pauseEndpoint('other')
    await ledger.operate.resumeEndpoint('other')
    const { position, revision } = await ledger.dispatch.readNew(undefined, 1)
    await move(await createTestOutbox(), schema)
    expect(await lookAtEndpoint(ledger, 'here')).toMatchObject({ paused: { reason: 'operator' } })
    expect(await lookAtEndpoint(ledger, 'other')).toMatchObject({ paused: { reason: 'operator' } })
    // Dispatchers that are there are told of it, and of what is pending.
    const read = await ledger.dispatch.readNew(position, 100)
    expect(read.revision).toBeGreaterThan(revision)
    expect(read.deliveries).toHaveLength(6)
    const [line] = await ledger.dispatch.readLines([
      { endpointId: 'one', orderingKey: 'a', after: 0, limit: 10 },
    ])
    expect(line!.map(({ id, isHead }) => [id, isHead])).toEqual([
      ['before', true],
      ['1', false],
      ['2', false],
      ['3', false],
    ])
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
    const dispatcher = await joinDispatcher(ledger)
    for (const delivery of await dispatcher.readReady()) await dispatcher.settle(delivery)
    await ledger.operate.resend('exhausted')
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

  test('is refused while a process delivers from the file, which stays as it is', async () => {
    const file = await createTestOutbox()
    const schema = database.createSchema()
    const source = openFile(file)
    await joinDispatcher(source)
    const before = await readEverything(source)
    await expect(move(file, schema)).rejects.toMatchObject({
      code: 'ledger_busy',
      message: expect.stringMatching(/stop it first/),
    })
    expect(idsOf(before.deliveries.map(({ delivery }) => delivery)).toReversed()).toEqual(
      await listIds(source),
    )
    await source.dispatch.leave('first')
    expect(await move(file, schema)).toMatchObject({ moved: { pending: 6 } })
    expect(await look(await open(schema), 'first')).toMatchObject({ state: 'delivered' })
  })

  test('ends the outbox in the file, for who has it open and who opens it', async () => {
    const file = await createTestOutbox()
    const source = openFile(file)
    await move(file, database.createSchema())
    const unavailable = { code: 'ledger_unavailable' }
    await expect(source.enqueue([newDelivery('new')])).rejects.toMatchObject(unavailable)
    await expect(source.dispatch.readNew(undefined, 1)).rejects.toMatchObject(unavailable)
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
    const source = openFile(file, () => timeOfMove)
    const many = Array.from({ length: 1500 }, (_, index) => newDelivery(`n${index}`))
    await source.enqueue([...many, newDelivery('odd')])
    // As no ledger stores it.
    connectTo(file).exec("UPDATE taskhook_deliveries SET payload = 'a' || char(0) || 'b' WHERE id = 'odd'")
    const before = await readEverything(source)
    await expect(move(file, schema)).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringMatching(/^delivery odd: payload/),
    })
    expect(await readEverything(await open(schema))).toEqual({ deliveries: [], endpoints: [] })
    expect(await readEverything(source)).toEqual(before)
    expect(await source.enqueue([newDelivery('another')])).toHaveLength(1)
  })

  test('is refused without a database, and leaves the file as it is', async () => {
    const file = await createTestOutbox()
    const before = await readFile(file)
    const connectionString = 'postgres://user:the-password@127.0.0.1:1/none'
    const refused = moveOutbox({ file, schema: 'taskhook', connectionString })
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
