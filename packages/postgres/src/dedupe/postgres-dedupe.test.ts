import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createVerifier, type DedupeClaim, type DedupeStore } from '@taskhook/core'
import { dedupeStoreContract } from '@taskhook/core/testing'
import { Pool } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PostgresPool } from '../connection/postgres-client.ts'
import { useTestDatabase } from '../testing/test-database.ts'
import { createTransactionPooler } from '../testing/transaction-pooler.ts'
import { until } from '../testing/until.ts'
import type { PostgresDedupeOptions } from './postgres-dedupe-options.ts'
import { postgresDedupe, type PostgresDedupeStore } from './postgres-dedupe.ts'

const database = useTestDatabase()
const script = fileURLToPath(new URL('../testing/dedupe-process.ts', import.meta.url))

function openTest(options: PostgresDedupeOptions = {}): PostgresDedupeStore {
  const store = postgresDedupe({
    ...(options.pool === undefined && { connectionString: database.server.url }),
    schema: database.createSchema(),
    ...options,
  })
  onTestFinished(() => store.close())
  return store
}

/** A store whose time runs ahead of the database's by as much as the test says. */
function openAhead(options: PostgresDedupeOptions) {
  let ahead = 0
  const store = openTest({ ...options, now: () => Date.now() + ahead })
  return { store, pass: (durationInMs: number) => void (ahead += durationInMs) }
}

async function claim(store: DedupeStore, id: string): Promise<DedupeClaim> {
  const state = await store.begin(id)
  if (typeof state === 'string') throw new Error(`expected a claim, not ${state}`)
  return state
}

async function begin(client?: Awaited<ReturnType<PostgresPool['connect']>>) {
  const transaction = client ?? (await database.connect())
  await transaction.query('BEGIN')
  return {
    transaction,
    commit: async () => void (await transaction.query('COMMIT')),
    rollBack: async () => void (await transaction.query('ROLLBACK')),
  }
}

function startProcess(task: 'compete' | 'settle', schema: string) {
  const child = spawn(
    process.execPath,
    ['--conditions=taskhook-source', script, task, database.server.url, schema],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, line: once(createInterface(child.stdout), 'line').then(([line]) => String(line)) }
}

describe('postgresDedupe keeps the contract of stores:', () => {
  let time = 1_800_000_000_000
  const contract = dedupeStoreContract({
    openStore: (times) =>
      postgresDedupe({
        connectionString: database.server.url,
        schema: 'contract',
        ...times,
        now: () => time,
      }),
    isShared: true,
    pass: (durationInMs) => void (time += durationInMs),
    begin,
  })
  test.each(contract)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

describe('postgresDedupe', () => {
  test('keeps the contract behind a pooler that lends connections by the transaction', async () => {
    const pool = createTransactionPooler([1, 2, 3].map(() => database.createPool()))
    let time = 1_800_000_000_000
    const contract = dedupeStoreContract({
      openStore: (times) => postgresDedupe({ pool, schema: 'pooled', ...times, now: () => time }),
      isShared: true,
      pass: (durationInMs) => void (time += durationInMs),
      begin: async () => begin(await pool.connect()),
    })
    for (const { run } of contract) await expect(run()).resolves.toBeUndefined()
  })

  test('has its table made by one of those that use it first, at once', async () => {
    const schema = database.createSchema()
    const answers = await Promise.all([1, 2, 3, 4].map(() => openTest({ schema }).begin('a')))
    expect(answers.filter((answer) => answer !== 'in-progress')).toHaveLength(1)
  })

  test('needs no right to make a table that is there', async () => {
    const schema = database.createSchema()
    await claim(openTest({ schema }), 'a')
    const owner = await database.connect()
    await owner.query(`
      CREATE ROLE receiver LOGIN; GRANT USAGE ON SCHEMA ${schema} TO receiver;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.dedupe TO receiver
    `)
    const url = Object.assign(new URL(database.server.url), { username: 'receiver' })
    const store = openTest({ schema, connectionString: String(url) })
    await (await claim(store, 'b')).commit()
    expect(await store.begin('b')).toBe('done')
  })

  test('holds by the time of the database, unless it is renewed', async () => {
    const store = openTest({ claimInMs: 200 })
    const slow = await claim(store, 'a')
    await until(async () => typeof (await store.begin('a')) !== 'string')
    expect(await slow.renew()).toBe(false)
  })

  // INSERT and UPDATE would wait for as long as the application's transaction lasts, and the sender with them.
  test('does not wait for a transaction that settles a claim that has ended', async () => {
    const { store, pass } = openAhead({ statementTimeoutInMs: 5000 })
    const slow = await claim(store, 'a')
    const { transaction, commit } = await begin()
    await slow.commit({ transaction })
    pass(store.claimInMs)
    expect(await store.begin('a')).toBe('in-progress')
    await commit()
    expect(await store.begin('a')).toBe('done')
  })

  test('deletes what is kept no longer, while it works, but for what others have locked', async () => {
    const schema = database.createSchema()
    const store = openTest({ schema })
    const application = await database.connect()
    const count = async (): Promise<number> =>
      (await application.query(`SELECT FROM ${schema}.dedupe`)).rows.length
    const claims = await Promise.all(Array.from({ length: 20 }, (_, id) => claim(store, String(id))))
    await Promise.all(claims.map(async (each) => each.commit()))
    await application.query(
      `INSERT INTO ${schema}.dedupe SELECT 'more ' || n, NULL, 0, 0 FROM generate_series(1, 1200) AS n`,
    )
    await application.query(`BEGIN; SELECT FROM ${schema}.dedupe WHERE id = '0' FOR UPDATE`)
    const other = openTest({ schema, now: () => Date.now() + store.keepInMs + 1000 })
    await claim(other, 'next')
    await expect.poll(count, { timeout: 20_000 }).toBe(2)
  })

  test('fails closed while the database is away, and goes on when it is back', async () => {
    const pool = database.createPool()
    const store = openTest({ pool })
    await database.server.stop('immediate')
    await expect(store.begin('a')).rejects.toMatchObject({ code: 'ledger_unavailable' })
    await database.server.start()
    await claim(store, 'a')
  })

  test('refuses a transaction that is not open, not durable, or on another database', async () => {
    const held = await claim(openTest(), 'a')
    const idle = await database.connect()
    const notDurable = (await begin()).transaction
    await notDurable.query('SET LOCAL synchronous_commit = off')
    await idle.query('CREATE DATABASE elsewhere')
    const pool = new Pool({ connectionString: database.server.url.replace(/postgres$/, 'elsewhere') })
    onTestFinished(() => pool.end())
    const elsewhere = (await begin(await pool.connect())).transaction
    for (const transaction of [idle, notDurable, elsewhere, database.createPool(), {}, 'BEGIN']) {
      await expect(held.commit({ transaction })).rejects.toMatchObject({ code: 'transaction_invalid' })
    }
    ;(elsewhere as unknown as { release: (isEnded: boolean) => void }).release(true)
  })

  test('says that a claim in a transaction was lost', async () => {
    const { store, pass } = openAhead({})
    const slow = await claim(store, 'a')
    pass(store.claimInMs)
    await (await claim(store, 'a')).commit()
    const { transaction } = await begin()
    await expect(slow.commit({ transaction })).rejects.toMatchObject({ code: 'claim_lost' })
  })

  test('gives each id to one of several processes', async () => {
    const schema = database.createSchema()
    const store = openTest({ schema })
    const counts = await Promise.all([1, 2, 3].map(() => startProcess('compete', schema).line))
    expect(counts.map(Number).reduce((sum, count) => sum + count, 0)).toBe(200)
    const states = await Promise.all(Array.from({ length: 200 }, (_, id) => store.begin(String(id))))
    expect(new Set(states)).toEqual(new Set(['done']))
  })

  test('leaves nothing of a transaction whose process was killed, and lets go at the end of its claim', async () => {
    const schema = database.createSchema()
    const { store, pass } = openAhead({ schema })
    await claim(store, 'b')
    const application = await database.connect()
    await application.query(`CREATE TABLE ${schema}.effects (number integer)`)
    const { child, line } = startProcess('settle', schema)
    expect(await line).toBe('holds it')
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    expect(await store.begin('a')).toBe('in-progress')
    pass(store.claimInMs)
    // Once the server knows that the connection is gone.
    await until(async () => typeof (await store.begin('a')) !== 'string')
    expect((await application.query(`SELECT FROM ${schema}.effects`)).rows).toEqual([])
  })

  test('refuses calls once it is closed', async () => {
    const store = openTest()
    const held = await claim(store, 'a')
    await store.close()
    await expect(store.begin('b')).rejects.toMatchObject({ code: 'ledger_closed' })
    await expect(held.commit()).rejects.toMatchObject({ code: 'ledger_closed' })
  })

  test('refuses a tolerance that its memory is too short for', () => {
    const dedupe = openTest({ keepInMs: 300_000 })
    expect(() => createVerifier({ secret: 'a secret', dedupe })).toThrow(
      expect.objectContaining({ option: 'toleranceInSeconds' }),
    )
  })

  test.each([
    {},
    { connectionString: 'mysql://a' },
    { connectionString: 'postgres://a', pool: { connect: async () => ({}) } },
    { pool: {} },
    { connectionString: 'postgres://a', schema: 'Upper' },
    { connectionString: 'postgres://a', keepInMs: 0 },
    { connectionString: 'postgres://a', claimInMs: 86_400_001 },
    { connectionString: 'postgres://a', statementTimeoutInMs: 0.5 },
    { connectionString: 'postgres://a', maxConnections: -1 },
    { connectionString: 'postgres://a', keepinms: 1 },
    { connectionString: 'postgres://a', now: 1 as never },
  ])('refuses %j', (options) => {
    expect(() => postgresDedupe(options as PostgresDedupeOptions)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})
