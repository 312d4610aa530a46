import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createVerifier, type DedupeClaim, type DedupeStore } from '@taskhook/core'
import { dedupeStoreContract, signedRequest } from '@taskhook/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTestFile, openTestDatabase } from '../testing/test-sqlite.ts'
import type { SqliteDedupeOptions } from './sqlite-dedupe-options.ts'
import { sqliteDedupe, type SqliteDedupeStore } from './sqlite-dedupe.ts'

const hourInMs = 60 * 60 * 1000

function openTest(options: Partial<SqliteDedupeOptions> = {}): SqliteDedupeStore {
  const store = sqliteDedupe({
    ...(options.database === undefined && { file: createTestFile() }),
    ...options,
  })
  onTestFinished(() => store.close())
  return store
}

/** Two clocks: the time of day, which is set, and the time since the machine was started, which is not. */
function createClocks(boot = 'first') {
  const clocks = { day: 1_800_000_000_000, machine: 0 }
  const pass = (durationInMs: number): void => {
    clocks.day += durationInMs
    clocks.machine += durationInMs
  }
  return { clocks, pass, options: { now: () => clocks.day, bootClock: { boot, now: () => clocks.machine } } }
}

async function claim(store: DedupeStore, id: string): Promise<DedupeClaim> {
  const state = await store.begin(id)
  if (typeof state === 'string') throw new Error(`expected a claim, not ${state}`)
  return state
}

function countRows(file: string): number {
  return openTestDatabase(file).prepare('SELECT * FROM taskhook_dedupe').all().length
}

describe('sqliteDedupe keeps the contract of stores:', () => {
  const { pass, options } = createClocks()
  const cases = (file: string) =>
    dedupeStoreContract({
      openStore: (times) => sqliteDedupe({ file, ...times, ...options }),
      isShared: true,
      pass,
      async begin() {
        const transaction = openTestDatabase(file)
        transaction.exec('BEGIN IMMEDIATE')
        return {
          transaction,
          commit: async () => transaction.exec('COMMIT'),
          rollBack: async () => transaction.exec('ROLLBACK'),
        }
      },
    })
  test.each(cases('').map(({ name }, index) => ({ name, index })))('$name', async ({ index }) => {
    await expect(cases(createTestFile())[index]!.run()).resolves.toBeUndefined()
  })
})

describe('sqliteDedupe', () => {
  test('remembers across a restart', async () => {
    const file = createTestFile()
    const first = openTest({ file })
    await (await claim(first, 'a')).commit()
    await claim(first, 'b')
    await first.close()
    const second = openTest({ file })
    expect(await second.begin('a')).toBe('done')
    expect(await second.begin('b')).toBe('in-progress')
  })

  // By the time of day, a clock that was set an hour forward would have ended the claims of all handlers that were running.
  test.each([hourInMs, -hourInMs])(
    'does not end a claim when the time of day jumps by %d ms',
    async (jump) => {
      const { clocks, pass, options } = createClocks()
      const store = openTest(options)
      await claim(store, 'a')
      clocks.day += jump
      pass(store.claimInMs - 1)
      expect(await store.begin('a')).toBe('in-progress')
      pass(1)
      expect(await store.begin('a')).toBeTypeOf('object')
    },
  )

  test('ends the claims of before the machine was restarted by the time of day', async () => {
    const file = createTestFile()
    const before = createClocks('first')
    await claim(openTest({ file, ...before.options }), 'a')
    const after = createClocks('second')
    const store = openTest({ file, ...after.options })
    expect(await store.begin('a')).toBe('in-progress')
    after.clocks.day -= 100 * 24 * hourInMs
    expect(await store.begin('a')).toBeTypeOf('object')
    after.clocks.day += 100 * 24 * hourInMs + store.claimInMs
    expect(await store.begin('a')).toBe('in-progress')
  })

  test('deletes what is kept no longer, while it works', async () => {
    const file = createTestFile()
    const { pass, options } = createClocks()
    const store = openTest({ file, ...options })
    const claims = await Promise.all(Array.from({ length: 1200 }, (_, id) => claim(store, String(id))))
    await Promise.all(claims.map(async (each) => each.commit()))
    await claim(store, 'abandoned')
    pass(store.keepInMs)
    await claim(store, 'next')
    await expect.poll(() => countRows(file)).toBe(2)
    pass(2 * store.claimInMs)
    await claim(store, 'last')
    await expect.poll(() => countRows(file)).toBe(2)
  })

  test('opens the file of a connection of the application, and writes in no transaction of it', async () => {
    const application = openTestDatabase(createTestFile())
    const store = openTest({ database: application })
    const held = await claim(store, 'a')
    application.exec('BEGIN')
    await held.commit()
    application.exec('ROLLBACK')
    expect(await store.begin('a')).toBe('done')
  })

  test('is busy when another connection holds the lock for too long, and goes on after that', async () => {
    const application = openTestDatabase(createTestFile())
    const store = openTest({ database: application, busyTimeoutInMs: 10 })
    application.exec('BEGIN IMMEDIATE')
    await expect(store.begin('a')).rejects.toMatchObject({ code: 'ledger_busy' })
    application.exec('COMMIT')
    await claim(store, 'a')
  })

  test('refuses a transaction that is not open, on another file, or not durable', async () => {
    const file = createTestFile()
    const held = await claim(openTest({ file }), 'a')
    const elsewhere = openTestDatabase(createTestFile())
    elsewhere.exec('BEGIN')
    const notDurable = new DatabaseSync(file)
    onTestFinished(() => notDurable.close())
    notDurable.exec('PRAGMA synchronous = NORMAL; BEGIN')
    for (const transaction of [openTestDatabase(file), elsewhere, notDurable, {}, 'BEGIN']) {
      await expect(held.commit({ transaction })).rejects.toMatchObject({ code: 'transaction_invalid' })
    }
  })

  test('says that a claim in a transaction was lost', async () => {
    const file = createTestFile()
    const { pass, options } = createClocks()
    const store = openTest({ file, ...options })
    const slow = await claim(store, 'a')
    pass(store.claimInMs)
    await (await claim(store, 'a')).commit()
    const transaction = openTestDatabase(file)
    transaction.exec('BEGIN IMMEDIATE')
    await expect(slow.commit({ transaction })).rejects.toMatchObject({
      name: 'OutboxError',
      code: 'claim_lost',
    })
  })

  test('accepts nothing more once its file is gone', async () => {
    const file = createTestFile()
    const store = openTest({ file })
    rmSync(file)
    await expect(store.begin('a')).rejects.toMatchObject({ code: 'ledger_unavailable' })
  })

  test('refuses calls once it is closed', async () => {
    const store = openTest()
    const held = await claim(store, 'a')
    await store.close()
    await store.close()
    await expect(store.begin('b')).rejects.toMatchObject({ code: 'ledger_closed' })
    await expect(held.commit()).rejects.toMatchObject({ code: 'ledger_closed' })
  })

  test('makes a receiver that cannot reach it answer 503', async () => {
    const store = openTest()
    const verifier = createVerifier({ secret: 'a secret', dedupe: store })
    const { headers, url, body } = signedRequest({ secret: 'a secret' })
    await store.close()
    await expect(verifier.verify({ headers, url, body: Buffer.from(body) })).rejects.toMatchObject({
      code: 'dedupe_unavailable',
      status: 503,
      cause: { code: 'ledger_closed' },
    })
  })

  test.each([
    ['file', {}],
    ['file', { file: 'a.db', database: {} }],
    ['file', { file: '' }],
    ['database', { database: {} }],
    ['database', { database: new DatabaseSync(':memory:') }],
    ['keepInMs', { file: ':memory:', keepInMs: 0 }],
    ['claimInMs', { file: ':memory:', claimInMs: 1.5 }],
    ['claimInMs', { file: ':memory:', claimInMs: 25 * hourInMs }],
    ['busyTimeoutInMs', { file: ':memory:', busyTimeoutInMs: -1 }],
    ['now', { file: ':memory:', now: 0 }],
    ['bootClock', { file: ':memory:', bootClock: { boot: 'first' } }],
    ['bootClock', { file: ':memory:', bootClock: { now: () => 0 } }],
    ['keepinms', { file: ':memory:', keepinms: 1 }],
  ])('refuses the option %s of %o', (option, options) => {
    expect(() => sqliteDedupe(options as SqliteDedupeOptions)).toThrow(
      expect.objectContaining({ code: 'option_invalid', option }),
    )
  })

  test('refuses a tolerance that its memory is too short for', () => {
    const dedupe = openTest({ keepInMs: 300_000 })
    expect(() => createVerifier({ secret: 'a secret', dedupe })).toThrow(
      expect.objectContaining({ option: 'toleranceInSeconds' }),
    )
  })
})
