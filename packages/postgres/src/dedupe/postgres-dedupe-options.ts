import { checkOptions, OptionError } from '@taskhook/core'
import type { PostgresPool } from '../connection/postgres-client.ts'

/** Options of `postgresDedupe`: where the database is, `connectionString` or `pool`, and more. */
export interface PostgresDedupeOptions {
  /** `postgres://user:password@host:port/database`; what is not in it is taken from `PGHOST` and its like. */
  connectionString?: string
  /** The application's own pool instead; the store does not end it. */
  pool?: PostgresPool
  /** Where the table `dedupe` is, made if it is not there. Default `taskhook`. */
  schema?: string
  /** How long a finished delivery is remembered, in milliseconds. Default 604 800 000, a week. */
  keepInMs?: number
  /** How long a claim is held unless it is renewed, in milliseconds. Default 60 000; a day at most. */
  claimInMs?: number
  /** How many connections are used at once. Default 10. Not with `pool`. */
  maxConnections?: number
  /** How long a new connection may take, in milliseconds. Default 5000. Not with `pool`. */
  connectionTimeoutInMs?: number
  /** How long a statement may take, in milliseconds; its connection is closed then. Default 10 000. */
  statementTimeoutInMs?: number
  /**
   * The time, for tests, in place of the database's.
   *
   * @internal
   */
  now?: () => number
}

const dayInMs = 24 * 60 * 60 * 1000
// What is longer ends at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const maxTimerInMs = 2 ** 31 - 1

type ResolvedOptions = Required<Omit<PostgresDedupeOptions, 'connectionString' | 'pool' | 'now'>> & {
  now: () => number | null
}

/**
 * Checks the options, with defaults.
 *
 * @throws OptionError for the first that cannot work.
 */
export function resolveOptions(options: PostgresDedupeOptions): ResolvedOptions {
  checkOptions<PostgresDedupeOptions>(options, {
    connectionString: true,
    pool: true,
    schema: true,
    keepInMs: true,
    claimInMs: true,
    maxConnections: true,
    connectionTimeoutInMs: true,
    statementTimeoutInMs: true,
    now: true,
  })
  const {
    schema = 'taskhook',
    // Past the 76 hours that the Standard Webhooks retry schedule takes, with room for a resend by hand.
    keepInMs = 7 * dayInMs,
    claimInMs = 60_000,
    maxConnections = 10,
    connectionTimeoutInMs = 5000,
    statementTimeoutInMs = 10_000,
    now = () => null,
  } = options ?? {}
  whole('keepInMs', keepInMs, Number.MAX_SAFE_INTEGER)
  whole('claimInMs', claimInMs, dayInMs)
  whole('maxConnections', maxConnections, 10_000)
  whole('connectionTimeoutInMs', connectionTimeoutInMs, maxTimerInMs)
  whole('statementTimeoutInMs', statementTimeoutInMs, maxTimerInMs)
  if (typeof now !== 'function') throw new OptionError('now', 'must be a function')
  return { schema, keepInMs, claimInMs, maxConnections, connectionTimeoutInMs, statementTimeoutInMs, now }
}

function whole(option: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw new OptionError(option, `must be a whole number from 1 to ${most}`)
  }
}
