import { describeLedger } from '../ledger-contract.ts'
import { describeLedgerModel } from '../ledger-model.ts'
import { createSqliteStore } from './testing-sqlite.ts'

describeLedger('on SQLite', createSqliteStore)
describeLedgerModel('on SQLite', createSqliteStore)
