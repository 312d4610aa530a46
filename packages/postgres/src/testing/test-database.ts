import type { Ledger } from '@taskhook/outbox/ledger'
import { Client, Pool, type PoolConfig } from 'pg'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { LedgerStore } from '@taskhook/outbox/testing'
import type { PostgresClient } from '../connection/postgres-client.ts'
import type { PostgresLedgerOptions } from '../postgres-ledger-options.ts'
import { postgresLedger } from '../postgres-ledger.ts'
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.ts'

/** A server for the tests of one file. */
export interface TestDatabase {
  server: TestServer
  /** A ledger that is closed when the test is over, in a schema of its own if no other is said. */
  open: (options?: PostgresLedgerOptions) => Promise<Ledger<PostgresClient>>
  /** A connection of the application, ended when the test is over. */
  connect: () => Promise<Client>
  /** A pool of the application, likewise. */
  createPool: (config?: PoolConfig) => Pool
  /** A store as the contract of ledgers has it: time as the tests say, purged to the millisecond. */
  createStore: (options: { now: () => number }) => Promise<LedgerStore<PostgresClient>>
  /** A name that no other test has. */
  createSchema: () => string
}

/** Starts a server before the tests of this file, and removes it after them. */
export function useTestDatabase(options: TestServerOptions = {}): TestDatabase {
  let server: TestServer | undefined
  let schemaCount = 0

  beforeAll(async () => {
    server = await startTestServer(options)
  })
  afterAll(() => server?.remove())

  const database: TestDatabase = {
    get server() {
      return server!
    },
    async open(given = {}) {
      const ledger = await postgresLedger({
        ...(given.pool === undefined && { connectionString: server!.url }),
        schema: given.schema ?? database.createSchema(),
        maxConnections: 4,
        ...given,
      })
      onTestFinished(() => ledger.close())
      return ledger
    },
    async connect() {
      const client = new Client(server!.url)
      client.on('error', () => {})
      await client.connect()
      onTestFinished(() => client.end())
      return client
    },
    createPool(config = {}) {
      const pool = new Pool({ connectionString: server!.url, ...config })
      pool.on('error', () => {})
      onTestFinished(() => pool.end())
      return pool
    },
    async createStore({ now }) {
      const schema = database.createSchema()
      return {
        open: () => database.open({ schema, now, partitionInMs: 1 }),
        async begin() {
          const transaction = await database.connect()
          await transaction.query('BEGIN')
          return {
            transaction,
            commit: async () => void (await transaction.query('COMMIT')),
            rollBack: async () => void (await transaction.query('ROLLBACK')),
          }
        },
        isSerialized: false,
      }
    },
    createSchema: () => `ledger_${(schemaCount += 1)}`,
  }
  return database
}
