import { OutboxError, type OutboxErrorCode } from '../outbox-error.ts'

// Primary result codes, the low byte of an extended one: https://www.sqlite.org/rescode.html
const codes: Readonly<Record<number, [code: OutboxErrorCode, message: string]>> = {
  5: ['ledger_busy', 'another connection holds the write lock of the ledger'],
  6: ['ledger_busy', 'another connection holds a table of the ledger locked'],
  8: ['ledger_read_only', 'the ledger cannot be written: check the permissions of the file and its folder'],
  11: ['ledger_corrupt', 'the ledger is damaged'],
  13: ['ledger_full', 'the disk of the ledger is full'],
  14: ['ledger_unavailable', 'the ledger cannot be opened: check the path and its permissions'],
  18: ['option_invalid', 'a value is too long for the ledger'],
  19: ['option_invalid', 'a value breaks a rule of the ledger: an id is there twice, or a type is wrong'],
  26: ['ledger_corrupt', 'the ledger is a file that is no SQLite database'],
}

/** Whether a statement or what it was given is to blame, or the code around it, rather than the state of the ledger. */
export function isFaultOfStatement(error: unknown): boolean {
  return [0, 1, 18, 19, 20, 25].includes(resultCode(error) & 0xff)
}

/** The coded error of whatever SQLite threw. */
export function toOutboxError(error: unknown): OutboxError {
  if (OutboxError.isInstance(error)) return error
  const [code, message] = codes[resultCode(error) & 0xff] ?? ['ledger_unavailable', describe(error)]
  return new OutboxError(code, `${message}, see the cause`, { cause: error })
}

function describe(error: unknown): string {
  const isTableMissing = error instanceof Error && error.message.startsWith('no such table: taskhook_')
  return isTableMissing
    ? 'the tables of the ledger are gone, perhaps moved to PostgreSQL'
    : 'the ledger failed'
}

/** Whether the write lock was taken, so that it is worth while to try again. */
export function isBusy(error: unknown): boolean {
  return (resultCode(error) & 0xff) === 5
}

/** Whether another connection holds the write lock, rather than that this one has an old read open (`SQLITE_BUSY_SNAPSHOT`). */
export function isLocked(error: unknown): boolean {
  return isBusy(error) && resultCode(error) !== 517
}

function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
}
