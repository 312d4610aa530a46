import { describeDispatcherModel } from '../testing/dispatcher-model/describe-dispatcher-model.ts'
import { createSqliteModelStore } from '../testing/dispatcher-model/sqlite-model-store.ts'

describeDispatcherModel(createSqliteModelStore, 25)
