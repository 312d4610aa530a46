import { sqliteLedger } from '../sqlite/sqlite-ledger.ts'
import { newDelivery } from './new-delivery.ts'

// A process of its own, for the tests: `node test-process.ts <enqueue|own> <file>`. It enqueues a delivery, or owns all partitions of
// `one` and stays until it is killed.
const [, , task, file] = process.argv
const ledger = sqliteLedger({ file: file! })
if (task === 'enqueue') {
  await ledger.enqueue([newDelivery('from another process')])
  await ledger.close()
} else {
  const { dispatch } = ledger
  await dispatch.join({ id: 'another process', place: 'here', endpointIds: ['one'] })
  const wanted = Array.from({ length: dispatch.partitionCount }, (_, partition) => ({
    endpointId: 'one',
    partition,
  }))
  console.log(`owns ${(await dispatch.acquire('another process', wanted)).length}`)
  process.stdin.resume()
}
