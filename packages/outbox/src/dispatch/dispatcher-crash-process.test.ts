import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { look, lookAtAttempts } from '../testing/look.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { createTestFile, openTestLedger } from '../testing/test-sqlite.ts'

const script = fileURLToPath(new URL('../testing/crashing-process.ts', import.meta.url))

/** Runs it until it ends: its signal if it was killed, or its exit code. */
async function run(file: string): Promise<unknown> {
  const child = spawn(process.execPath, ['--conditions=taskhook-source', script, file], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal ?? code
}

test('a delivery that kills its process is found after as many starts as the limit says, and the others are delivered', async () => {
  const file = createTestFile()
  const ledger = openTestLedger(file)
  const others = ['1', '2', '3', '4', '5', '6']
  const ids = ['1', '2', 'bad', '3', '4', '5', '6']
  await ledger.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id })))
  expect([await run(file), await run(file), await run(file)]).toEqual(['SIGKILL', 'SIGKILL', 0])
  expect(await look(ledger, 'bad')).toMatchObject({ state: 'exhausted', attemptCount: 1 })
  expect(await lookAtAttempts(ledger, 'bad')).toMatchObject([{ errorCode: 'handler_crashed' }])
  for (const id of others) expect(await look(ledger, id)).toMatchObject({ state: 'delivered' })
})
