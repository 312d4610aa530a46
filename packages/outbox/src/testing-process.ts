import { createOwner } from './owner.ts'
import { sqliteLedger } from './sqlite/sqlite-ledger.ts'
import { newDelivery, startOfTime } from './testing-delivery.ts'

// A process of its own, for the tests: `node testing-process.ts <enqueue|claim> <file>`. It enqueues a delivery, or claims
// what is there and stays until it is killed.
const [, , task, file] = process.argv
const ledger = sqliteLedger({ file: file! })
if (task === 'enqueue') {
  await ledger.enqueue([newDelivery('from another process')])
  await ledger.close()
} else {
  const claims = await ledger.claim({
    endpointId: 'one',
    limit: 100,
    owner: createOwner(),
    now: startOfTime,
    leaseEndsAt: startOfTime + 3_600_000,
  })
  console.log(`claimed ${claims.length}`)
  process.stdin.resume()
}
