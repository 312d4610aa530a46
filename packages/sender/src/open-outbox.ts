import { OptionError } from '@taskhook/core'
import { sqliteLedger, type Ledger } from '@taskhook/outbox'
import type * as postgres from '@taskhook/postgres'

/** Where a sender keeps its deliveries: a URL, or a ledger that the application has made. */
export type Outbox = Ledger

const sqliteScheme = 'sqlite:'
const postgresSchemes = ['postgres://', 'postgresql://']

/**
 * Opens the outbox of a URL: `sqlite:` and the path of a file, or `postgres://user:password@host:port/database`, for which
 * the application has installed `@taskhook/postgres`.
 *
 * @throws OptionError for another URL, or without that package; OutboxError when it cannot be opened.
 */
export async function openOutbox(url: string): Promise<Outbox> {
  if (url.startsWith(sqliteScheme) && url.length > sqliteScheme.length) {
    return sqliteLedger({ file: url.slice(sqliteScheme.length) })
  }
  if (postgresSchemes.some((scheme) => url.startsWith(scheme))) {
    const { postgresLedger } = await importPostgres()
    return postgresLedger({ connectionString: url })
  }
  throw new OptionError('outbox', 'must be "sqlite:<file>", "postgres://…", or a ledger')
}

// Only for whoever asks for it: most need neither the package nor the client below it.
async function importPostgres(): Promise<typeof postgres> {
  try {
    return await import('@taskhook/postgres')
  } catch (cause) {
    throw new OptionError('outbox', 'postgres:// needs a package more: npm install @taskhook/postgres', {
      cause,
    })
  }
}
