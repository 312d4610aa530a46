import type { OutboxError } from '../outbox-error.ts'
import { toOutboxError } from './sqlite-error.ts'

/** Whether a ledger may still be written to. */
export interface LedgerHealth {
  /** @throws OutboxError what made it impossible to go on. */
  check(): void
  /** The coded error of what was thrown. After some there is no going on, until the ledger is opened anew. */
  note(error: unknown): OutboxError
  /** Notes that there is no going on. */
  fail(error: OutboxError): void
}

/**
 * After damage was found, the ledger accepts nothing more. SQLite itself would continue with the pages that are still
 * whole, and everything it accepts might be lost with the others.
 */
export function createLedgerHealth(): LedgerHealth {
  let failure: OutboxError | undefined
  return {
    check() {
      if (failure !== undefined) throw failure
    },
    note(error) {
      const coded = toOutboxError(error)
      if (coded.code === 'ledger_corrupt') failure ??= coded
      return coded
    },
    fail: (error) => void (failure ??= error),
  }
}
