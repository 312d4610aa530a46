import type { Database } from './connection/database.ts'
import type { Now } from './schema/time.ts'

/** What the operations of one open ledger share. */
export interface LedgerContext {
  database: Database
  now: Now
  /** The ledger, as it is named in what it notifies others of, which it need not hear itself. */
  sender: string
}
