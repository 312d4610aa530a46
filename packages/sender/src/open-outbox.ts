import { OptionError } from '@taskhook/core'
import { sqliteLedger, type Ledger } from '@taskhook/outbox'

/** Where a sender keeps its deliveries: a URL, or a ledger that the application has made. */
export type Outbox = Ledger

const sqliteScheme = 'sqlite:'

/**
 * Opens the outbox of a URL: `sqlite:` and the path of a file.
 *
 * @throws OptionError for another URL; OutboxError when it cannot be opened.
 */
export function openOutbox(url: string): Outbox {
  if (url.startsWith(sqliteScheme) && url.length > sqliteScheme.length) {
    return sqliteLedger({ file: url.slice(sqliteScheme.length) })
  }
  throw new OptionError('outbox', 'must be "sqlite:<file>", or a ledger')
}
