import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { newDelivery } from '../testing/new-delivery.ts'
import { createTestFile, openTestDatabase, openTestLedger } from '../testing/test-sqlite.ts'
import { sqliteLedger } from './sqlite-ledger.ts'

function refusal(open: () => unknown): unknown {
  try {
    open()
  } catch (error) {
    return error
  }
  throw new Error('it was not refused')
}

describe('a file that cannot be the ledger', () => {
  test.each<[what: string, code: string, make: (file: string) => void]>([
    ['is a directory', 'ledger_unavailable', (file) => mkdirSync(file)],
    ['is no database', 'ledger_corrupt', (file) => writeFileSync(file, 'no database at all, '.repeat(1000))],
    ['is of a newer version', 'ledger_newer', (file) => raiseVersion(file)],
  ])('is refused when it %s', (_what, code, make) => {
    const file = createTestFile()
    make(file)
    expect(refusal(() => sqliteLedger({ file }))).toMatchObject({ code })
  })

  test('is refused when it has no name', () => {
    expect(refusal(() => sqliteLedger({ file: '' }))).toMatchObject({ code: 'option_invalid' })
  })

  test('says that it was moved to PostgreSQL, when it was', () => {
    const file = createTestFile()
    const database = openTestDatabase(file)
    // What `taskhook move` leaves.
    database.exec('CREATE TABLE taskhook_moved (ledger_id TEXT NOT NULL) STRICT')
    expect(refusal(() => sqliteLedger({ file }))).toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringMatching(/was moved to PostgreSQL/),
    })
  })

  test('says so when its tables are moved while it is open', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    openTestDatabase(file).exec('ALTER TABLE taskhook_deliveries RENAME TO taskhook_moved_deliveries')
    await expect(ledger.enqueue([newDelivery('1')])).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringMatching(/moved to PostgreSQL/),
    })
  })

  test('is left as it is when it is of a newer version', () => {
    const file = createTestFile()
    raiseVersion(file)
    const before = readFileSync(file)
    refusal(() => sqliteLedger({ file }))
    expect(readFileSync(file)).toEqual(before)
  })
})

describe('a ledger that is locked', () => {
  test('says that it is busy once its time is over, and accepts nothing', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file, { busyTimeoutInMs: 20 })
    const other = openTestDatabase(file)
    other.exec('BEGIN IMMEDIATE')
    await expect(ledger.enqueue([newDelivery('1')])).rejects.toMatchObject({ code: 'ledger_busy' })
    other.exec('COMMIT')
    expect(await ledger.operate.getDelivery('1')).toBeUndefined()
    await ledger.enqueue([newDelivery('1')])
    expect(await ledger.operate.getDelivery('1')).toBeDefined()
  })

  test('refuses what comes after it was closed', async () => {
    const ledger = openTestLedger()
    await ledger.close()
    await expect(ledger.enqueue([newDelivery('1')])).rejects.toMatchObject({ code: 'ledger_closed' })
    await expect(ledger.operate.getDelivery('1')).rejects.toMatchObject({ code: 'ledger_closed' })
  })
})

function raiseVersion(file: string): void {
  const ledger = new DatabaseSync(file)
  ledger.exec('CREATE TABLE taskhook_schema (version INTEGER NOT NULL) STRICT')
  ledger.exec('INSERT INTO taskhook_schema VALUES (9999)')
  ledger.exec('PRAGMA journal_mode = WAL')
  ledger.close()
}
