import { describeLedger, describeLedgerModel } from '@taskhook/outbox/testing'
import { useTestDatabase } from './testing/test-database.ts'

const { createStore } = useTestDatabase()

describeLedger('on PostgreSQL', createStore)
// Each run makes its tables anew, and a day for each millisecond.
describeLedgerModel('on PostgreSQL', createStore, 25)
