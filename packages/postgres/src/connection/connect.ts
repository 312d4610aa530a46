import { OutboxError } from '@taskhook/outbox'
import { checkConnectionString, lendPool, openPool, type Connections } from './open-pool.ts'
import type { PostgresPool } from './postgres-client.ts'

/** How to get connections: by a URL, or from the application's pool. */
interface ConnectOptions {
  connectionString?: string
  pool?: PostgresPool
  maxConnections?: number
  connectionTimeoutInMs?: number
  listen?: boolean | string
}

/**
 * The connections that options ask for.
 *
 * @throws OutboxError `option_invalid`.
 */
export function connect({
  connectionString,
  pool,
  maxConnections = 10,
  connectionTimeoutInMs = 10_000,
  listen = true,
}: ConnectOptions): Connections {
  if ((pool === undefined) === (connectionString === undefined)) {
    throw new OutboxError('option_invalid', 'connectionString, pool: one of them must be given')
  }
  if (connectionString !== undefined) {
    checkConnectionString('connectionString', connectionString)
    return openPool({ connectionString, maxConnections, connectionTimeoutInMs, listen })
  }
  // A Client connects too, but lends nothing.
  if (typeof pool?.connect !== 'function' || 'processID' in pool) {
    throw new OutboxError('option_invalid', 'pool: must be a Pool of pg')
  }
  return lendPool(pool, { listen, connectionTimeoutInMs })
}
