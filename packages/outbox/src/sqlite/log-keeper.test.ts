import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createTestFile, openTestDatabase } from '../testing/test-sqlite.ts'
import { createLogKeeper, type LedgerWarning } from './log-keeper.ts'
import { openDatabase } from './open-database.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const largeInBytes = 1_000_000

function openKept() {
  const file = createTestFile()
  const database = openDatabase(file, 0)
  const warnings: LedgerWarning[] = []
  const keeper = createLogKeeper(database, file, (warning) => void warnings.push(warning), largeInBytes)
  onTestFinished(() => {
    keeper.close()
    database.close()
  })
  database.exec('CREATE TABLE filler (text TEXT)')
  const logSize = () => statSync(`${file}-wal`).size
  return { file, database, keeper, warnings, logSize }
}

/** Commits as many bytes, or some more. */
function write(database: DatabaseSync, sizeInBytes: number): void {
  const insert = database.prepare('INSERT INTO filler VALUES (?)')
  for (let written = 0; written < sizeInBytes; written += 100_000) insert.run('x'.repeat(100_000))
}

test('a log that a long reader lets grow is told of once, and again after it was small', () => {
  const { file, database, keeper, warnings, logSize } = openKept()
  const reader = openTestDatabase(file)
  const growWhileReading = () => {
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM filler').get()
    write(database, largeInBytes)
    keeper.afterCommit()
    vi.advanceTimersByTime(1000)
  }
  growWhileReading()
  expect(warnings).toEqual([
    { code: 'ledger_log_large', message: expect.stringContaining(file), file, sizeInBytes: logSize() },
  ])
  keeper.afterCommit()
  vi.advanceTimersByTime(1000)
  expect(warnings).toHaveLength(1)

  reader.exec('COMMIT')
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  keeper.afterCommit()
  vi.advanceTimersByTime(1000)
  growWhileReading()
  expect(warnings).toHaveLength(2)
  reader.exec('COMMIT')
})

test('a log is copied whole once writing pauses, so that the next one begins at its start', () => {
  const { database, keeper, logSize } = openKept()
  for (let round = 0; round < 5; round += 1) {
    write(database, 200_000)
    keeper.afterCommit()
    vi.advanceTimersByTime(1000)
  }
  // Were it not copied, it would have all five rounds in it.
  expect(logSize()).toBeLessThan(500_000)
})

test('a log that has grown is cut when it begins anew', () => {
  const { file, database, logSize } = openKept()
  const reader = openTestDatabase(file)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM filler').get()
  database.exec('PRAGMA journal_size_limit = 500000')
  write(database, 3_000_000)
  expect(logSize()).toBeGreaterThan(2_000_000)
  reader.exec('COMMIT')
  database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  write(database, 1)
  expect(logSize()).toBeLessThan(600_000)
})

test('a ledger cuts its log to 64 MB', () => {
  const { database } = openKept()
  expect(database.prepare('PRAGMA journal_size_limit').get()).toEqual({ journal_size_limit: 67_108_864 })
})
