import { closeSync, copyFileSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listIds, look } from '../testing/look.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { createTestDirectory } from '../testing/test-directory.ts'
import { createTestFile, openTestDatabase, openTestLedger } from '../testing/test-sqlite.ts'

const unavailable = (what: RegExp) => ({
  code: 'ledger_unavailable',
  message: expect.stringMatching(what),
})

// What broke: `send` went on resolving, and 704 events were gone when the process ended.
describe('a file that is taken away while the ledger is open', () => {
  test('accepts nothing more when it was deleted', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    await ledger.enqueue([newDelivery('1')])
    rmSync(file)
    const refused = ledger.enqueue([newDelivery('2')])
    await expect(refused).rejects.toMatchObject(
      unavailable(/was deleted while the ledger was open.*open the ledger again/),
    )
    await expect(ledger.operate.cancel('1')).rejects.toMatchObject(unavailable(/was deleted/))
    await expect(ledger.dispatch.readNew(undefined, 1)).rejects.toMatchObject(unavailable(/was deleted/))
  })

  test('accepts nothing more when its log was deleted, which has what was committed last', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    rmSync(`${file}-wal`)
    await expect(ledger.enqueue([newDelivery('1')])).rejects.toMatchObject(unavailable(/-wal was deleted/))
  })

  test('accepts nothing more when it was replaced, not even after it was put back', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    await ledger.enqueue([newDelivery('1')])
    const aside = join(createTestDirectory(), 'aside.db')
    renameSync(file, aside)
    copyFileSync(aside, file)
    await expect(ledger.enqueue([newDelivery('2')])).rejects.toMatchObject(unavailable(/was replaced/))
    renameSync(aside, file)
    await expect(ledger.enqueue([newDelivery('3')])).rejects.toMatchObject(unavailable(/was replaced/))
    await ledger.close()
    const reopened = openTestLedger(file)
    await reopened.enqueue([newDelivery('4')])
    expect(await look(reopened, '4')).toMatchObject({ state: 'pending' })
  })

  test('accepts nothing of the group that was being written', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const accepted = ['1', '2', '3'].map((id) => ledger.enqueue([newDelivery(id)]))
    rmSync(file)
    const results = await Promise.allSettled(accepted)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  })

  test('accepts nothing in a transaction of the application', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    const transaction = openTestDatabase(file)
    transaction.exec('BEGIN')
    rmSync(file)
    const refused = ledger.enqueue([newDelivery('1')], { transaction })
    await expect(refused).rejects.toMatchObject(unavailable(/was deleted/))
  })
})

test('a file that was given by a relative path is found when the working directory changes', async () => {
  const before = process.cwd()
  onTestFinished(() => process.chdir(before))
  process.chdir(createTestDirectory())
  const ledger = openTestLedger('ledger.db')
  process.chdir(before)
  await ledger.enqueue([newDelivery('1')])
  expect(await listIds(ledger)).toEqual(['1'])
})

// What broke: SQLite went on with the pages that were still whole, and accepted into a file that was lost.
describe('a file in which damage was found', () => {
  test('accepts nothing more until it is opened anew', async () => {
    const file = createTestFile()
    const ledger = openTestLedger(file)
    await ledger.enqueue([newDelivery('1')])
    await ledger.close()
    overwriteTable(file, 'taskhook_attempts')

    const damaged = openTestLedger(file)
    await damaged.enqueue([newDelivery('2')])
    await expect(damaged.operate.getDelivery('2')).rejects.toMatchObject({ code: 'ledger_corrupt' })
    await expect(damaged.enqueue([newDelivery('3')])).rejects.toMatchObject({ code: 'ledger_corrupt' })
    await expect(damaged.operate.pauseEndpoint('one')).rejects.toMatchObject({ code: 'ledger_corrupt' })
    const transaction = openTestDatabase(file)
    transaction.exec('BEGIN')
    const within = damaged.enqueue([newDelivery('4')], { transaction })
    await expect(within).rejects.toMatchObject({ code: 'ledger_corrupt' })
    transaction.exec('COMMIT')
    await expect(damaged.dispatch.readLines([])).rejects.toMatchObject({ code: 'ledger_corrupt' })
    // Operators still see what can be read.
    expect(await listIds(damaged)).toEqual(['1', '2'])
  })
})

/** Overwrites the first page of a table in a file whose pages have the default size. */
function overwriteTable(file: string, name: string): void {
  const database = new DatabaseSync(file)
  const row = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(name)
  database.close()
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, (Number(row?.['rootpage']) - 1) * 4096)
  closeSync(descriptor)
}
