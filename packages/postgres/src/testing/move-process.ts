/** A process that moves an outbox, for a test that kills it: `move-process.ts <file> <connection string> <schema>`. */
import { moveOutbox } from '../move/move-outbox.ts'

const [file = '', connectionString = '', schema = ''] = process.argv.slice(2)
await moveOutbox({ file, connectionString, schema })
