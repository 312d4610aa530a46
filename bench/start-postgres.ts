import { Client } from 'pg'
import { startTestServer } from '@taskhook/postgres/testing'
import type { BenchOptions } from './bench.ts'

/** A PostgreSQL of a bench's own, see {@link startPostgres}. */
export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database; returns its URL. */
  createDatabase: () => Promise<string>
  dropDatabase: (url: string) => Promise<void>
}

/**
 * Starts a PostgreSQL that waits for the disk at every commit, unless it only has to show that a bench runs. Its settings are those of
 * the release, but for the memory and the log: 128 MB and 1 GB are too little for a table of a million rows.
 */
export async function startPostgres({ isSmall = false }: BenchOptions = {}): Promise<PostgresServer> {
  const server = await startTestServer({
    isDurable: !isSmall,
    settings: { shared_buffers: '1GB', max_wal_size: '8GB', max_connections: '200' },
  })
  let count = 0
  return {
    async createDatabase() {
      const name = `outbox_${(count += 1)}`
      await run(server.url, `CREATE DATABASE ${name}`)
      return Object.assign(new URL(server.url), { pathname: `/${name}` }).href
    },
    async dropDatabase(url) {
      await run(server.url, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`)
    },
    [Symbol.asyncDispose]: () => server.remove(),
  }
}

/** Runs one statement on a connection of its own. */
export async function run(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}
