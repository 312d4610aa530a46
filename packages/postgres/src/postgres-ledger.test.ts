import { describeLedger } from '../../outbox/src/ledger-contract.ts'
import { describeLedgerModel } from '../../outbox/src/ledger-model.ts'
import { useTestDatabase } from './testing-postgres.ts'

const { createStore } = useTestDatabase()

describeLedger('on PostgreSQL', createStore)
// Each run makes its tables anew, and a partition for each millisecond.
describeLedgerModel('on PostgreSQL', createStore, 40)
