import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { look } from '../testing/look.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { joinDispatcher } from '../testing/test-dispatcher.ts'
import { openTestLedger } from '../testing/test-sqlite.ts'

test("a ledger in memory delivers, for applications' tests", async () => {
  const ledger = openTestLedger(':memory:')
  await ledger.enqueue([newDelivery('1')])
  const dispatcher = await joinDispatcher(ledger)
  expect(await dispatcher.settle(await dispatcher.readOne())).toBe('delivered')
  expect(await look(ledger, '1')).toMatchObject({ state: 'delivered' })
})

test('a ledger in memory is its own: another one has nothing of it', async () => {
  await openTestLedger(':memory:').enqueue([newDelivery('1')])
  expect(await openTestLedger(':memory:').operate.getDelivery('1')).toBeUndefined()
})

test('a ledger in memory refuses a transaction of the application, and says what to do', async () => {
  const transaction = new DatabaseSync(':memory:')
  onTestFinished(() => transaction.close())
  transaction.exec('BEGIN')
  const refused = openTestLedger(':memory:').enqueue([newDelivery('1')], { transaction })
  await expect(refused).rejects.toMatchObject({
    code: 'transaction_invalid',
    message: expect.stringMatching(/give it a file/),
  })
})
