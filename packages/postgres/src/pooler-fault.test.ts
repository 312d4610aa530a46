import { describeLedger } from '@taskhook/outbox/testing'
import { createTransactionPooler } from './testing/transaction-pooler.ts'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()
const schema = 'pooled'
const emptied = [
  'deliveries',
  'delivered',
  'idempotency_keys',
  'endpoints',
  'outcomes',
  'dispatchers',
  'beats',
  'partitions',
  'starts',
].map((table) => `${schema}.${table}`)

describeLedger('on PostgreSQL behind a pooler that lends connections by the transaction', async ({ now }) => {
  const pool = createTransactionPooler([1, 2, 3].map(() => database.createPool()))
  const open = () => database.open({ pool, listen: false, schema, now, partitionInMs: 1 })
  // Emptied rather than made anew for each test: what is told apart here is not how tables are made.
  await (await open()).close()
  const client = await database.connect()
  await client.query(
    `TRUNCATE ${emptied.join(', ')} RESTART IDENTITY; UPDATE ${schema}.versions SET generation = 0, revision = 0`,
  )
  return {
    open,
    async begin() {
      const transaction = await pool.connect()
      await transaction.query('BEGIN')
      return {
        transaction,
        commit: async () => void (await transaction.query('COMMIT')),
        rollBack: async () => void (await transaction.query('ROLLBACK')),
      }
    },
    isSerialized: false,
  }
})
