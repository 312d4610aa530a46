import { statSync, type Stats } from 'node:fs'
import { OutboxError } from '../outbox-error.ts'

/** Looks whether a ledger's file is still the one that was opened, see {@link createFileGuard}. */
export interface FileGuard {
  /** @throws OutboxError `ledger_unavailable` when the file is not there any more, or is another one. */
  check(): void
}

/**
 * Guards against a file that is deleted or replaced while it is open. SQLite would go on writing to the file that it
 * opened, which is lost once it is closed. The log belongs to the file too, because the latest commits are only there.
 */
export function createFileGuard(file: string): FileGuard {
  const names = [file, `${file}-wal`]
  const opened = names.map(findIdentity)
  return {
    check() {
      for (const [index, name] of names.entries()) {
        const found = findIdentity(name)
        if (found !== undefined && isSame(found, opened[index])) continue
        const what = found === undefined ? 'deleted' : 'replaced by another file'
        throw new OutboxError(
          'ledger_unavailable',
          `${name} was ${what} while the ledger was open, so it accepts nothing more. Close this ledger, put the file back if you want to keep it, and open the ledger again`,
        )
      }
    },
  }
}

function findIdentity(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false })
}

function isSame(a: Stats, b: Stats | undefined): boolean {
  return a.ino === b?.ino && a.dev === b.dev
}
