import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { newDelivery } from '@taskhook/outbox/testing'
import type { PostgresClient } from './postgres-client.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()

async function begin(...statements: string[]): Promise<PostgresClient> {
  const client = await database.connect()
  for (const statement of ['BEGIN', ...statements]) await client.query(statement)
  return client
}

describe("the application's transaction", () => {
  test('has the delivery on its way before the promise is there, so that COMMIT need not wait for it', async () => {
    const ledger = await database.open()
    const client = await begin()
    const accepted = ledger.enqueue([newDelivery('1')], { transaction: client })
    await client.query('COMMIT')
    expect(await accepted).toEqual([{ id: '1', isRepeat: false }])
    expect(await ledger.operate.getDelivery('1')).toBeDefined()
  })

  test.each<[reason: string, message: RegExp, open: () => Promise<PostgresClient>]>([
    ['is not open', /BEGIN one before/, () => database.connect()],
    ['is a pool', /a pool has a connection for each query/, async () => database.createPool()],
    ['is none', /must be the client/, async () => ({}) as PostgresClient],
    [
      'does not wait for the disk',
      /without waiting for the disk/,
      () => begin('SET LOCAL synchronous_commit = off'),
    ],
  ])('is refused when it %s', async (_reason, message, open) => {
    const ledger = await database.open()
    await expect(ledger.enqueue([newDelivery('1')], { transaction: await open() })).rejects.toMatchObject({
      code: 'transaction_invalid',
      message: expect.stringMatching(message),
    })
    expect(await ledger.operate.getDelivery('1')).toBeUndefined()
  })

  test('does not keep the ledger open when its connection never answers', async () => {
    const ledger = await database.open()
    const silent: PostgresClient = { query: () => new Promise(() => {}) }
    void ledger.enqueue([newDelivery('1')], { transaction: silent })
    // Nor until closing gives up.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    await ledger.close()
    await expect(ledger.enqueue([newDelivery('2')], { transaction: silent })).rejects.toMatchObject({
      code: 'ledger_closed',
    })
  })

  test('is refused when a statement of it has failed', async () => {
    const ledger = await database.open()
    const client = await begin()
    await expect(client.query('SELECT 1 / 0')).rejects.toThrow('division by zero')
    await expect(ledger.enqueue([newDelivery('1')], { transaction: client })).rejects.toMatchObject({
      code: 'transaction_invalid',
      message: expect.stringContaining('rolled back'),
    })
  })

  test('is refused when it is on another database, with a ledger of the same name or without', async () => {
    const admin = await database.connect()
    await admin.query('CREATE DATABASE other')
    const url = new URL(database.server.url)
    url.pathname = '/other'
    const pool = database.createPool({ connectionString: url.href })
    const schema = database.createSchema()
    const ledger = await database.open({ schema })
    const refusal = { code: 'transaction_invalid', message: expect.stringContaining('another database') }

    const client = await pool.connect()
    await client.query('BEGIN')
    await expect(ledger.enqueue([newDelivery('1')], { transaction: client })).rejects.toMatchObject(refusal)
    await client.query('ROLLBACK')

    await database.open({ schema, connectionString: url.href })
    await client.query('BEGIN')
    await expect(ledger.enqueue([newDelivery('1')], { transaction: client })).rejects.toMatchObject(refusal)
    // It was left as it was.
    await client.query('COMMIT')
    client.release()
  })

  test.each([
    ['has U+0000 in a key', { orderingKey: 'a\0b' }],
    ['has U+0000 in the payload', { payload: '\0' }],
    ['has a key that no index takes', { idempotencyKey: 'š'.repeat(501) }],
    ['has an id that is known', { id: 'known' }],
  ])('is left as it was when a delivery %s', async (_reason, given) => {
    const ledger = await database.open()
    await ledger.enqueue([newDelivery('known')])
    const client = await begin()
    const bad = ledger.enqueue([newDelivery('1'), newDelivery('2', given)], { transaction: client })
    await expect(bad).rejects.toMatchObject({ code: 'option_invalid' })
    await ledger.enqueue([newDelivery('3')], { transaction: client })
    await client.query('COMMIT')
    const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 10 })
    expect(deliveries.map(({ id }) => id)).toEqual(['3', 'known'])
  })
})
