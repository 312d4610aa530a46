import { createOutbox } from '../create-outbox.ts'
import { openLedger } from '../open-ledger.ts'

// A process of its own, for the tests: `node outbox-process.ts <start|start-stop> <file>`. It starts an outbox and does nothing else;
// `start-stop` stops it when its input ends.
const [, , task, file] = process.argv
const ledger = await openLedger(`sqlite:${file}`)
const outbox = createOutbox({ ledger })
await outbox.start()
console.log('started')
if (task === 'start-stop') {
  await outbox.stop()
  await ledger.close()
  console.log('stopped')
}
