import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely'
import { describe, expect, test } from 'vitest'
import { newDelivery } from '@taskhook/outbox/testing'
import type { PostgresClient } from './connection/postgres-client.ts'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()

interface Tables {
  tasks: { id: string; state: string }
}

/** As in the README. */
function clientOf(transaction: Transaction<Tables>): PostgresClient {
  return {
    query: (text, values) => transaction.executeQuery(CompiledQuery.raw(text, values)),
  }
}

describe("the application's own transaction, through Kysely", () => {
  test('takes the delivery along when it commits, and leaves nothing when it does not', async () => {
    const ledger = await database.open()
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: database.createPool() }) })
    await db.schema.createTable('tasks').addColumn('id', 'text').addColumn('state', 'text').execute()

    async function sign(id: string): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        await transaction.insertInto('tasks').values({ id, state: 'signed' }).execute()
        await ledger.enqueue([newDelivery(id)], { transaction: clientOf(transaction) })
        if (id === '2') throw new Error('the application fails')
      })
    }
    await sign('1')
    await expect(sign('2')).rejects.toThrow('the application fails')

    expect(await db.selectFrom('tasks').select('id').execute()).toEqual([{ id: '1' }])
    const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 10 })
    expect(deliveries.map(({ id }) => id)).toEqual(['1'])
  })

  test('is not ended by a repeated idempotency key, or by what is refused', async () => {
    const ledger = await database.open()
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: database.createPool() }) })
    await ledger.enqueue([newDelivery('1', { idempotencyKey: 'key' })])
    const accepted = await db.transaction().execute(async (transaction) => {
      const refused = ledger.enqueue([newDelivery('1')], { transaction: clientOf(transaction) })
      await expect(refused).rejects.toMatchObject({ code: 'option_invalid' })
      return ledger.enqueue([newDelivery('2', { idempotencyKey: 'key' })], {
        transaction: clientOf(transaction),
      })
    })
    expect(accepted).toEqual([{ id: '1', isRepeat: true }])
  })
})
