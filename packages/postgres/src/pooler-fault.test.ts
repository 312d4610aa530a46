import { describeLedger } from '../../outbox/src/ledger-contract.ts'
import { createTransactionPooler } from './testing-pooler.ts'
import { useTestDatabase } from './testing-postgres.ts'

const database = useTestDatabase()
const schema = 'pooled'
const emptied = ['deliveries', 'delivered', 'idempotency_keys', 'endpoints'].map(
  (table) => `${schema}.${table}`,
)

describeLedger('on PostgreSQL behind a pooler that lends connections by the transaction', async () => {
  const pool = createTransactionPooler([1, 2, 3].map(() => database.createPool()))
  const open = () => database.open({ pool, listen: false, schema, clock: 'caller', partitionInMs: 1 })
  // Emptied rather than made anew for each test: what is told apart here is not how tables are made.
  await (await open()).close()
  await (await database.connect()).query(`TRUNCATE ${emptied.join(', ')}`)
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
  }
})
