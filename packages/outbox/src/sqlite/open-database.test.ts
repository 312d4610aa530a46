import { chmodSync, closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openLedger } from '../open-ledger.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { createTestFile, openTestDatabase, openTestLedger } from '../testing/test-sqlite.ts'
import { openDatabase } from './open-database.ts'
import { createSchema } from './schema.ts'
import { sqliteLedger } from './sqlite-ledger.ts'

describe('the file of a ledger', () => {
  test('has a write-ahead log, and each commit waits for the disk', () => {
    const database = openDatabase(createTestFile(), 0)
    onTestFinished(() => database.close())
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    // 2 is FULL.
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
  })

  test("may be the application's own, whose tables and version it leaves alone", async () => {
    const file = createTestFile()
    const application = openTestDatabase(file)
    application.exec("CREATE TABLE task (id TEXT); INSERT INTO task VALUES ('1'); PRAGMA user_version = 42")
    const ledger = openTestLedger(file)
    await ledger.enqueue([newDelivery('1')])
    expect(application.prepare('SELECT id FROM task').all()).toEqual([{ id: '1' }])
    expect(application.prepare('PRAGMA user_version').get()).toEqual({ user_version: 42 })
    const names = application.prepare("SELECT name FROM sqlite_schema WHERE tbl_name <> 'task'").all()
    expect(names.filter(({ name }) => !/^(sqlite_autoindex_)?taskhook_/.test(String(name)))).toEqual([])
  })

  test('gets its tables once, and is opened again as it is', async () => {
    const file = createTestFile()
    await sqliteLedger({ file }).close()
    const database = openDatabase(file, 0)
    onTestFinished(() => database.close())
    expect(database.prepare('SELECT version FROM taskhook_schema').all()).toEqual([{ version: 1 }])
  })

  test('is not made when none is asked for, nor are tables in what is there', async () => {
    const missing = createTestFile()
    const opening = openLedger(`sqlite:${missing}`, { create: false })
    await expect(opening).rejects.toMatchObject({ code: 'ledger_missing' })
    expect(existsSync(missing)).toBe(false)

    const other = createTestFile()
    const application = openTestDatabase(other)
    application.exec('CREATE TABLE task (id TEXT)')
    expect(() => sqliteLedger({ file: other, create: false })).toThrow(/has no tables of taskhook/)
    expect(application.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'task' }])
    expect(application.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })

    const file = createTestFile()
    openTestLedger(file)
    const ledger = await openLedger(`sqlite:${file}`, { create: false })
    await expect(ledger.operate.getDelivery('1')).resolves.toBeUndefined()
    await ledger.close()
  })

  test('is left without a schema when the disk is full before that is whole', () => {
    const database = openTestDatabase(createTestFile())
    database.exec('CREATE TABLE task (id TEXT); PRAGMA max_page_count = 4')
    expect(() => createSchema(database)).toThrow(expect.objectContaining({ errcode: 13 }))
    const tables = () => database.prepare('SELECT name FROM sqlite_schema').all()
    expect(tables()).toEqual([{ name: 'task' }])
    database.exec('PRAGMA max_page_count = 1000')
    createSchema(database)
    expect(tables().length).toBeGreaterThan(4)
  })

  test('is refused when its first page is damaged', async () => {
    const file = createTestFile()
    await sqliteLedger({ file }).close()
    overwrite(file, 100, 2000)
    expect(() => sqliteLedger({ file })).toThrow(expect.objectContaining({ code: 'ledger_corrupt' }))
  })

  test('says so when a table is damaged, and accepts nothing', async () => {
    const file = createTestFile()
    const before = sqliteLedger({ file })
    await before.enqueue([newDelivery('0')])
    await before.close()
    const database = openDatabase(file, 0)
    const { page } = database
      .prepare("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'taskhook_deliveries'")
      .get() as { page: number }
    const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() as { page_size: number }
    database.close()
    overwrite(file, (page - 1) * pageSize, pageSize)
    const ledger = openTestLedger(file)
    await expect(ledger.enqueue([newDelivery('1')])).rejects.toMatchObject({ code: 'ledger_corrupt' })
    await expect(ledger.operate.listDeliveries({}, { limit: 1 })).rejects.toMatchObject({
      code: 'ledger_corrupt',
    })
  })

  test('is refused when its folder is not there', () => {
    const file = join(dirname(createTestFile()), 'missing', 'ledger.db')
    expect(() => sqliteLedger({ file })).toThrow(expect.objectContaining({ code: 'ledger_unavailable' }))
  })
})

describe('a file that this process may not write', () => {
  test('is refused when it is a ledger', async () => {
    const file = createTestFile()
    await sqliteLedger({ file }).close()
    chmodSync(dirname(file), 0o755)
    chmodSync(file, 0o444)
    asNobody(() => {
      expect(() => sqliteLedger({ file })).toThrow(expect.objectContaining({ code: 'ledger_read_only' }))
    })
  })

  test('is refused when it cannot be made', () => {
    const folder = join(dirname(createTestFile()), 'read-only')
    mkdirSync(folder)
    chmodSync(dirname(folder), 0o755)
    chmodSync(folder, 0o555)
    asNobody(() => {
      expect(() => sqliteLedger({ file: join(folder, 'ledger.db') })).toThrow(
        expect.objectContaining({ code: 'ledger_unavailable' }),
      )
    })
  })
})

function overwrite(file: string, offset: number, length: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(length, 0xa5), 0, length, offset)
  closeSync(descriptor)
}

/** Runs something without the rights of root, which may write everywhere. */
function asNobody(run: () => void): void {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid!(65_534)
  try {
    run()
  } finally {
    if (isRoot) process.seteuid!(0)
  }
}
