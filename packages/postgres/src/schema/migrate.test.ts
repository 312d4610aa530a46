import { describe, expect, test } from 'vitest'
import { openLedger } from '@taskhook/outbox'
import { newDelivery } from '@taskhook/outbox/testing'
import { grantStatements } from './privileges.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()

describe('opening a ledger', () => {
  test('makes its tables once, however many open it for the first time at once', async () => {
    const schema = database.createSchema()
    const ledgers = await Promise.all(
      Array.from({ length: 10 }, () => database.open({ schema, maxConnections: 1 })),
    )
    for (const [index, ledger] of ledgers.entries()) await ledger.enqueue([newDelivery(`${index}`)])
    const { deliveries } = await ledgers[0]!.operate.listDeliveries({}, { limit: 100 })
    expect(deliveries).toHaveLength(10)
  })

  test('makes its tables in a schema that is there already', async () => {
    const schema = database.createSchema()
    const client = await database.connect()
    await client.query(`CREATE SCHEMA ${schema}`)
    const ledger = await database.open({ schema })
    expect(await ledger.enqueue([newDelivery('1')])).toEqual([{ id: '1', isRepeat: false }])
  })

  test('writes nothing when everything is there, so that no right to make tables is needed', async () => {
    const schema = database.createSchema()
    await database.open({ schema })
    const client = await database.connect()
    await client.query(`CREATE ROLE reader LOGIN; ${grantStatements({ to: 'read', role: 'reader', schema })}`)
    const url = new URL(database.server.url)
    url.username = 'reader'
    const ledger = await database.open({ schema, connectionString: url.href })
    expect(await ledger.operate.getDelivery('1')).toBeUndefined()
  })

  test('leaves nothing behind when it fails half-way, and goes through the next time', async () => {
    const schema = database.createSchema()
    const client = await database.connect()
    await client.query(`CREATE SCHEMA ${schema}; CREATE VIEW ${schema}.endpoints AS SELECT 1 AS id`)
    await expect(database.open({ schema })).rejects.toMatchObject({ code: 'ledger_unavailable' })
    const { rows } = await client.query('SELECT to_regclass($1) AS made', [`${schema}.deliveries`])
    expect(rows).toEqual([{ made: null }])
    await client.query(`DROP VIEW ${schema}.endpoints`)
    await database.open({ schema })
  })

  test('makes nothing when nothing is to be made', async () => {
    const schema = database.createSchema()
    const opening = openLedger(database.server.url, { schema, create: false })
    await expect(opening).rejects.toMatchObject({
      code: 'ledger_missing',
      message: expect.stringMatching(/ledger_\d+.* has no tables of taskhook.*taskhook migrate/),
    })
    const client = await database.connect()
    const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
    expect(rows).toEqual([])

    await database.open({ schema })
    const ledger = await openLedger(database.server.url, { schema, create: false })
    await expect(ledger.operate.getDelivery('1')).resolves.toBeUndefined()
    await ledger.close()
  })

  test('refuses one that a newer version of this package has been at', async () => {
    const schema = database.createSchema()
    await database.open({ schema })
    const client = await database.connect()
    await client.query(`UPDATE ${schema}.ledger SET version = version + 1`)
    await expect(database.open({ schema })).rejects.toMatchObject({
      code: 'ledger_newer',
      message: expect.stringMatching(/version 2.* up to 1: update it/),
    })
  })
})
