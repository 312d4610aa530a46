import type { AttemptTransactions } from './attempt-transactions.ts'
import type { Context } from './context.ts'
import type { OutcomeTimes } from './outcome-times.ts'
import type { ChangeWatch } from './watch-changes.ts'

/** How the parts of a ledger reach its database. */
export interface LedgerAccess {
  context: Context
  outcomes: OutcomeTimes
  changes: ChangeWatch
  transactions: Pick<AttemptTransactions, 'begin' | 'checkBegin'>
  /** Runs an operation within the next commit; resolves when that is durable, after `onCommit` was called. */
  write: <T>(operation: () => T, onCommit?: () => void) => Promise<T>
  /** Brings to the disk now what was to wait for that a little. */
  flush: () => void
  /** The same, for what others wait to hear of. */
  change: <T>(operation: () => T) => Promise<T>
  /** Reads for operators; resolves when what was seen is durable. */
  look: <T>(operation: () => T) => Promise<T>
  /** Reads for dispatchers, refused when nothing can be written any more. */
  readToDispatch: <T>(operation: () => T) => Promise<T>
  /** @throws OutboxError `ledger_closed`. */
  checkOpen: () => void
}
