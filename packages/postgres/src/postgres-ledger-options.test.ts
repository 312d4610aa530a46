import { Client, Pool } from 'pg'
import { describe, expect, test } from 'vitest'
import type { PostgresLedgerOptions } from './postgres-ledger-options.ts'
import { postgresLedger } from './postgres-ledger.ts'

const connectionString = 'postgres://someone:secret@127.0.0.1:1/database'

describe('postgresLedger', () => {
  test.each<[string, PostgresLedgerOptions]>([
    ['connectionString, pool', {}],
    ['connectionString, pool', { connectionString, pool: new Pool() }],
    ['connectionString', { connectionString: 'mysql://someone:secret@host/' }],
    ['connectionString', { connectionString: 'postgres://someone:secret@host:port/' }],
    ['connectionString', { connectionString: '' }],
    ['pool', { pool: {} as Pool }],
    ['pool', { pool: new Client() as unknown as Pool }],
    ['schema', { connectionString, schema: '' }],
    ['schema', { connectionString, schema: 'Upper' }],
    ['schema', { connectionString, schema: 'a"; DROP TABLE a; --' }],
    ['schema', { connectionString, schema: 'pg_ours' }],
    ['schema', { connectionString, schema: 'a'.repeat(64) }],
    ['maxConnections', { connectionString, maxConnections: 0 }],
    ['connectionTimeoutInMs', { connectionString, connectionTimeoutInMs: -1 }],
    ['connectionTimeoutInMs', { connectionString, connectionTimeoutInMs: 2 ** 31 }],
    ['statementTimeoutInMs', { connectionString, statementTimeoutInMs: 0.5 }],
    ['statementTimeoutInMs', { connectionString, statementTimeoutInMs: 2 ** 31 }],
    ['listen', { connectionString, listen: 'somewhere:secret' }],
  ])('refuses %s when it cannot work, and names it', async (option, options) => {
    const opening = postgresLedger(options)
    await expect(opening).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringMatching(new RegExp(`^${option}:`)),
    })
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('secret') })
  })

  test('refuses an option that is not known, and names the nearest one', async () => {
    const options = { connectionString, maxConnection: 3 } as PostgresLedgerOptions
    await expect(postgresLedger(options)).rejects.toThrow(/^maxConnection: .*"maxConnections"/)
  })
})
