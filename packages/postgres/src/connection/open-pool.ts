import { OutboxError } from '@taskhook/outbox'
import { Client, Pool, type ClientConfig } from 'pg'
import type { PostgresConnection, PostgresPool } from './postgres-client.ts'

/** The connections of a ledger. */
export interface Connections {
  pool: PostgresPool
  /** Opens the connection that listens; not there when nothing shall listen. */
  listen: (() => Promise<PostgresConnection>) | undefined
  close(): Promise<void>
}

/** Options of {@link openPool}. */
export interface OpenPoolOptions {
  connectionString: string
  maxConnections: number
  connectionTimeoutInMs: number
  listen: boolean | string
}

const keepAlive: ClientConfig = {
  fallback_application_name: 'taskhook',
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
}

/**
 * The ledger's own connections. They ask nothing of the server that a pooler would refuse: what time a statement may take and
 * how long it waits for locks is set elsewhere.
 */
export function openPool({
  connectionString,
  maxConnections,
  connectionTimeoutInMs,
  listen,
}: OpenPoolOptions): Connections {
  const config = { connectionTimeoutMillis: connectionTimeoutInMs, ...keepAlive }
  const pool = new Pool({ ...config, connectionString, max: maxConnections, allowExitOnIdle: true })
  // A connection that is lost while it is idle: the pool has forgotten it, and the next one that is needed says more.
  pool.on('error', ignore)
  listenForErrors(pool)

  return {
    pool,
    listen:
      listen === false
        ? undefined
        : () => connectToListen({ ...config, connectionString: listen === true ? connectionString : listen }),
    close: () => pool.end(),
  }
}

/** Connections of the application's pool, which is left to it. */
export function lendPool(
  pool: PostgresPool,
  { connectionTimeoutInMs, listen }: Pick<OpenPoolOptions, 'connectionTimeoutInMs' | 'listen'>,
): Connections {
  const config = { connectionTimeoutMillis: connectionTimeoutInMs, ...keepAlive }
  listenForErrors(pool)
  return {
    pool,
    listen:
      typeof listen === 'string'
        ? () => connectToListen({ ...config, connectionString: listen })
        : listen
          ? () => pool.connect()
          : undefined,
    close: async () => {},
  }
}

/** A connection may fail in the moment between the pool's care and the borrower's: an error without a listener ends the process. */
function listenForErrors(pool: PostgresPool): void {
  pool.on?.('connect', (connection) => connection.on('error', ignore))
}

async function connectToListen(config: ClientConfig): Promise<PostgresConnection> {
  const client = new Client(config)
  // Before its watcher takes care of it.
  client.on('error', ignore)
  await client.connect()
  // Not in the types: as with the pool, a process that has nothing else to do may end.
  if ('unref' in client) (client.unref as () => void)()
  return Object.assign(client, { release: () => void client.end().catch(() => {}) })
}

/**
 * Checks a URL here, so that nothing of it, and so no password, is in an error.
 *
 * @throws OutboxError `option_invalid`.
 */
export function checkConnectionString(option: string, value: string): void {
  const isUrl = typeof value === 'string' && /^postgres(ql)?:\/\//.test(value) && URL.canParse(value)
  if (!isUrl) throw new OutboxError('option_invalid', `${option}: must be a URL, postgres://…`)
}

function ignore(): void {}
