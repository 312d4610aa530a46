import { Client } from 'pg'
import { postgresDedupe } from '../dedupe/postgres-dedupe.ts'

// A receiver's process, for the tests: `node dedupe-process.ts <compete|settle> <url> <schema>`. It claims the ids 0 to 199, which
// others do too, and tells how many it got; or it commits `a` in a transaction that it leaves open, and stays until it is killed.
const [, , task, connectionString, schema] = process.argv
const store = postgresDedupe({ connectionString: connectionString!, schema: schema!, maxConnections: 4 })
if (task === 'compete') {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, id) => store.begin(String(id))))
  const claims = answers.filter((answer) => typeof answer !== 'string')
  await Promise.all(claims.map(async (claim) => claim.commit()))
  await store.close()
  console.log(claims.length)
} else {
  const claim = await store.begin('a')
  if (typeof claim === 'string') throw new Error(claim)
  const application = new Client(connectionString)
  await application.connect()
  await application.query(`BEGIN; INSERT INTO ${schema}.effects VALUES (1)`)
  await claim.commit({ transaction: application })
  console.log('holds it')
  process.stdin.resume()
}
