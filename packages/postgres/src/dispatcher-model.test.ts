import { describeDispatcherModel } from '@taskhook/outbox/testing'
import { createPostgresModelStore } from './testing/postgres-model-store.ts'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()

// Each run takes seconds, nearly all of them for the minutes of the model in which everything comes to its end.
describeDispatcherModel((time) => createPostgresModelStore(database, time), 6)
