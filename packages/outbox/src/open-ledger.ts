import { checkOptions, OptionError } from '@taskhook/core'
import type * as postgres from '@taskhook/postgres'
import type { Ledger } from './ledger.ts'
import { sqliteLedger } from './sqlite/sqlite-ledger.ts'

const sqliteScheme = 'sqlite:'
const postgresSchemes = ['postgres://', 'postgresql://']

/** Options of {@link openLedger}. */
export interface OpenLedgerOptions {
  /** Whether to make a ledger where there is none. Default true. */
  create?: boolean
  /** Where its tables are on PostgreSQL. Default `taskhook`. */
  schema?: string
  /** The clock of a ledger on SQLite: milliseconds since 1970. Default `Date.now`. */
  now?: () => number
}

/**
 * Opens the ledger of a URL: `sqlite:` and the path of a file, `sqlite::memory:` for tests, or
 * `postgres://user:password@host:port/database`, for which the application has installed `@taskhook/postgres`.
 *
 * @throws OptionError for another URL, or without that package; OutboxError when it cannot be opened, `ledger_missing` when it is not
 * there and `create` is false.
 * @example
 * const ledger = await openLedger('sqlite:outbox.db', { create: false })
 */
export function openLedger(url: string, options: OpenLedgerOptions = {}): Promise<Ledger> {
  return openLedgerOf('outbox', url, options)
}

/** The same for what has the URL under a name of its own, which its errors then name. */
export async function openLedgerOf(option: string, url: string, options: OpenLedgerOptions): Promise<Ledger> {
  checkOptions<OpenLedgerOptions>(options, { create: true, schema: true, now: true })
  const { create = true, schema, now } = options
  if (typeof url === 'string' && url.startsWith(sqliteScheme) && url.length > sqliteScheme.length) {
    return sqliteLedger({ file: url.slice(sqliteScheme.length), create, ...(now && { now }) })
  }
  if (typeof url === 'string' && postgresSchemes.some((scheme) => url.startsWith(scheme))) {
    const { postgresLedger } = await importPostgres(option)
    return postgresLedger({ connectionString: url, create, ...(schema !== undefined && { schema }) })
  }
  // Without the URL: there may be a password in it.
  throw new OptionError(option, 'must be "sqlite:<file>" or "postgres://…"')
}

// Loaded when it is needed: most applications need neither this package nor its client.
async function importPostgres(option: string): Promise<typeof postgres> {
  try {
    return await import('@taskhook/postgres')
  } catch (cause) {
    throw new OptionError(option, 'postgres:// needs one more package: npm install @taskhook/postgres', {
      cause,
    })
  }
}
