import { describeLedger } from '../testing/ledger-contract/describe-ledger.ts'
import { describeLedgerModel } from '../testing/ledger-model/describe-ledger-model.ts'
import { createSqliteStore } from '../testing/test-sqlite.ts'

describeLedger('on SQLite', createSqliteStore)
describeLedgerModel('on SQLite', createSqliteStore)
