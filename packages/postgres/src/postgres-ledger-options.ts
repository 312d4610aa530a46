import { checkGivenOptions } from '@taskhook/core'
import { OutboxError } from '@taskhook/outbox'
import { checkConnectionString } from './connection/open-pool.ts'
import type { PostgresPool } from './connection/postgres-client.ts'

/** Options of `postgresLedger`: where the database is, `connectionString` or `pool`, and more. */
export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:port/database`; what is not in it is taken from `PGHOST` and its like. */
  connectionString?: string
  /** The application's own pool instead; the ledger does not end it. With {@link listen}, one of its connections is kept. */
  pool?: PostgresPool
  /** Where the tables are. Default `taskhook`. */
  schema?: string
  /** Whether to make the tables if they are not there, or not as new as this package. Default true. */
  create?: boolean
  /** How many connections are used at once, and one more to listen. Default 10. Not with `pool`. */
  maxConnections?: number
  /** How long a new connection may take, in milliseconds. Default 10 000. Not with `pool`. */
  connectionTimeoutInMs?: number
  /** How long a statement may take, in milliseconds; its connection is closed then. Default 30 000. */
  statementTimeoutInMs?: number
  /**
   * Whether the ledger keeps a connection for `LISTEN`, to hear of changes by other machines. `LISTEN` does not work
   * through a pooler that lends connections per transaction. There, give the URL of the server itself, or `false`: then
   * the ledger looks every second. Default true.
   */
  listen?: boolean | string
  /**
   * The time, for tests, in place of the database's.
   *
   * @internal
   */
  now?: () => number
  /**
   * How long one day partition of the delivered deliveries spans, in milliseconds. Purging drops whole partitions. It
   * counts only when the tables are created. Default a day.
   *
   * @internal
   */
  partitionInMs?: number
}

// What is longer ends at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const maxTimerInMs = 2 ** 31 - 1

const whole = ['maxConnections', 'connectionTimeoutInMs', 'statementTimeoutInMs', 'partitionInMs'] as const
const timers = ['connectionTimeoutInMs', 'statementTimeoutInMs'] as const

/**
 * Checks the options that are given.
 *
 * @throws OptionError for one that is not known; OutboxError `option_invalid`.
 */
export function checkOptions(options: PostgresLedgerOptions): void {
  checkGivenOptions<PostgresLedgerOptions>(options, {
    connectionString: true,
    pool: true,
    schema: true,
    create: true,
    maxConnections: true,
    connectionTimeoutInMs: true,
    statementTimeoutInMs: true,
    listen: true,
    now: true,
    partitionInMs: true,
  })
  for (const option of whole) {
    const value = options[option]
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      throw new OutboxError('option_invalid', `${option}: must be a whole number, 1 or more`)
    }
  }
  for (const option of timers) {
    if ((options[option] ?? 0) > maxTimerInMs) {
      throw new OutboxError('option_invalid', `${option}: must be 24.8 days at most`)
    }
  }
  if (typeof options.listen === 'string') checkConnectionString('listen', options.listen)
}
