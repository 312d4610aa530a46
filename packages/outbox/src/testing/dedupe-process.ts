import { DatabaseSync } from 'node:sqlite'
import { sqliteDedupe } from '../dedupe/sqlite-dedupe.ts'

// A receiver's process, for the tests: `node dedupe-process.ts <compete|hold|settle> <file>`. It claims the ids 0 to 199, which others
// do too, and tells how many it got; or it holds `a`, perhaps commits it in a transaction, and stays until it is killed.
const [, , task, file] = process.argv
const store = sqliteDedupe({ file: file! })
if (task === 'compete') {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, id) => store.begin(String(id))))
  const claims = answers.filter((answer) => typeof answer !== 'string')
  await Promise.all(claims.map(async (claim) => claim.commit()))
  await store.close()
  console.log(claims.length)
} else {
  const claim = await store.begin('a')
  if (typeof claim === 'string') throw new Error(claim)
  if (task === 'settle') {
    const application = new DatabaseSync(file!)
    application.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE; INSERT INTO effects VALUES (1)')
    await claim.commit({ transaction: application })
  }
  console.log('holds it')
  process.stdin.resume()
}
