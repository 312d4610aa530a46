import { joinDispatcher, listIds, newDelivery } from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { countReads } from '../testing/count-reads.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()
const held = { idempotencyKey: 'held' }

/** A ledger, and a transaction of the application that holds an idempotency key. */
async function openHeld() {
  const ledger = await database.open()
  const transaction = await database.connect()
  await transaction.query('BEGIN')
  await ledger.enqueue([newDelivery('first', held)], { transaction })
  return { ledger, transaction }
}

describe('an idempotency key that an open transaction of the application holds', () => {
  // It stopped everything that the node sent for 30 seconds once.
  test('makes the one wait that sends it again, and no other', async () => {
    const { ledger, transaction } = await openHeld()
    const startedAt = performance.now()
    let isAnswered = false
    const again = ledger.enqueue([newDelivery('again', held)]).finally(() => (isAnswered = true))
    const ids = Array.from({ length: 20 }, (_, index) => `${index}`)
    for (const id of ids.slice(0, 10)) await ledger.enqueue([newDelivery(id, { idempotencyKey: id })])
    await Promise.all(ids.slice(10).map((id) => ledger.enqueue([newDelivery(id)])))
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(isAnswered).toBe(false)
    expect(await listIds(ledger)).toEqual(ids)

    await transaction.query('COMMIT')
    expect(await again).toEqual([{ id: 'first', isRepeat: true }])
  })

  test('makes many wait that send it, and still no other', async () => {
    const { ledger, transaction } = await openHeld()
    const startedAt = performance.now()
    const waiting = Array.from({ length: 50 }, (_, index) => ledger.enqueue([newDelivery(`w${index}`, held)]))
    for (let index = 0; index < 10; index += 1) await ledger.enqueue([newDelivery(`${index}`)])
    expect(performance.now() - startedAt).toBeLessThan(2000)
    await transaction.query('ROLLBACK')
    const answers = (await Promise.all(waiting)).flat()
    expect(answers.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1)
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  })

  test('keeps what is sent beside it in its order', async () => {
    const { ledger } = await openHeld()
    const again = ledger.enqueue([newDelivery('again', held)])
    const ids = Array.from({ length: 30 }, (_, index) => `${index}`)
    await Promise.all(
      ids.map((id, index) =>
        ledger.enqueue([newDelivery(id, index % 2 === 0 ? { idempotencyKey: id } : {})]),
      ),
    )
    expect(await listIds(ledger)).toEqual(ids)
    void again.catch(() => {})
  })
})

test('does not look at what heartbeats leave behind while a transaction is open elsewhere', async () => {
  const schema = database.createSchema()
  const ledger = await database.open({ schema })
  const pool = database.createPool({ max: 1 })
  const sender = await database.open({ schema, pool, listen: false })
  const long = await database.connect()
  await long.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM ${schema}.ledger`)
  await joinDispatcher(ledger, { acquires: false })
  for (let beats = 0; beats < 300; beats += 1) await ledger.dispatch.beat('first')
  const reads = () => sender.enqueue([newDelivery('1')])
  expect(await countReads(pool, reads, ['dispatchers', 'beats'])).toBeLessThan(10)
})
