import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { listIds } from '../testing/look.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { createTestFile, openTestDatabase, openTestLedger } from '../testing/test-sqlite.ts'

describe("the application's own transaction", () => {
  test('takes the delivery along when it commits, and leaves nothing when it does not', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const database = openTestDatabase(file)
    database.exec('CREATE TABLE task (id TEXT)')
    for (const [id, end] of [
      ['1', 'COMMIT'],
      ['2', 'ROLLBACK'],
    ] as const) {
      database.exec('BEGIN IMMEDIATE')
      database.prepare('INSERT INTO task VALUES (?)').run(id)
      await ledger.enqueue([newDelivery(id)], { transaction: database })
      database.exec(end)
    }
    expect(await listIds(ledger)).toEqual(['1'])
    expect(database.prepare('SELECT id FROM task').all()).toEqual([{ id: '1' }])
  })

  test('has the delivery before the promise is there, so that COMMIT need not wait for it', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const database = openTestDatabase(file)
    database.exec('BEGIN')
    const accepted = ledger.enqueue([newDelivery('1')], { transaction: database })
    database.exec('COMMIT')
    expect(await accepted).toEqual([{ id: '1', isRepeat: false }])
    expect(await listIds(ledger)).toEqual(['1'])
  })

  test('does not stop this thread while the ledger waits for its lock, and what waited goes through', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const database = openTestDatabase(file)
    database.exec('BEGIN IMMEDIATE')
    const accepted = ledger.enqueue([newDelivery('2')])
    // Were the lock waited for inside SQLite, these turns of the event loop would not come before its timeout.
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => void setImmediate(resolve))
    await ledger.enqueue([newDelivery('1')], { transaction: database })
    database.exec('COMMIT')
    await accepted
    expect(await listIds(ledger)).toEqual(['1', '2'])
  })

  test.each<[reason: string, message: RegExp, open: (file: string) => DatabaseSync]>([
    ['is not open', /no transaction is open/, openTestDatabase],
    ['is on another file', /must be one file/, () => begun(openTestDatabase(createTestFile()))],
    ['is in memory', /a database in memory/, () => begun(new DatabaseSync(':memory:'))],
    [
      'does not wait for the disk',
      /without waiting for the disk/,
      (file) => {
        const database = openTestDatabase(file)
        database.exec('PRAGMA synchronous = NORMAL')
        return begun(database)
      },
    ],
    ['is none', /must be the DatabaseSync/, () => ({}) as DatabaseSync],
  ])('is refused when it %s', async (_reason, message, open) => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const refused = ledger.enqueue([newDelivery('1')], { transaction: open(file) })
    await expect(refused).rejects.toMatchObject({
      code: 'transaction_invalid',
      message: expect.stringMatching(message),
    })
    expect(await listIds(ledger)).toEqual([])
  })
})

function begun(database: DatabaseSync): DatabaseSync {
  database.exec('BEGIN')
  return database
}
