import type { Ledger, NewRead, ReadPosition, Settlement } from '@taskhook/outbox/ledger'
import { idsOf, joinDispatcher, newDelivery } from '@taskhook/outbox/testing'
import type { Pool } from 'pg'
import { describe, expect, test } from 'vitest'
import type { PostgresClient } from '../connection/postgres-client.ts'
import { countReads } from '../testing/count-reads.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()

/** A ledger, and a reader that goes on from where it is now. */
async function openReader() {
  const schema = database.createSchema()
  const ledger = await database.open({ schema })
  let position: ReadPosition | undefined
  async function read(limit = 100): Promise<NewRead> {
    const answer = await ledger.dispatch.readNew(position, limit)
    ;({ position } = answer)
    return answer
  }
  await read()
  return { schema, ledger, read }
}

/** A transaction of the application that has accepted deliveries and is still open. */
async function enqueueOpen(ledger: Ledger<PostgresClient>, ...ids: readonly string[]) {
  const transaction = await database.connect()
  await transaction.query('BEGIN')
  await ledger.enqueue(
    ids.map((id) => newDelivery(id)),
    { transaction },
  )
  return { transaction, commit: () => transaction.query('COMMIT') }
}

describe('a transaction that took its number early and commits late', () => {
  test('is read once it has committed, and once', async () => {
    const { ledger, read } = await openReader()
    const late = await enqueueOpen(ledger, 'late')
    await ledger.enqueue([newDelivery('early')])
    expect(idsOf((await read()).deliveries)).toEqual(['early'])
    expect((await read()).deliveries).toEqual([])
    await late.commit()
    expect(await read()).toMatchObject({
      deliveries: [{ id: 'late', isHead: true }],
      lateCount: 1,
      isEnd: true,
    })
    expect((await read()).deliveries).toEqual([])
  })

  test('comes before what was sent for the same task after its commit', async () => {
    const { ledger, read } = await openReader()
    const late = await enqueueOpen(ledger, 'late')
    await ledger.enqueue([newDelivery('other', { orderingKey: 'b' })])
    await read()
    await late.commit()
    await ledger.enqueue([newDelivery('after')])
    const { deliveries, lateCount } = await read()
    expect(deliveries.map(({ id, isHead }) => [id, isHead])).toEqual([
      ['late', true],
      ['after', false],
    ])
    expect(lateCount).toBe(1)
  })

  test('is read though no transaction has ended since it began, which is where a reader begins', async () => {
    const schema = database.createSchema()
    const ledger = await database.open({ schema })
    const late = await enqueueOpen(ledger, 'late')
    const { position } = await ledger.dispatch.readNew(undefined, 100)
    await late.commit()
    expect(idsOf((await ledger.dispatch.readNew(position, 100)).deliveries)).toEqual(['late'])
  })

  test('may be one of many that commit in any order, and more of them than a read takes', async () => {
    const { ledger, read } = await openReader()
    const first = await enqueueOpen(ledger, '1', '2')
    const second = await enqueueOpen(ledger, '3', '4', '5')
    const third = await enqueueOpen(ledger, '6')
    await ledger.enqueue([newDelivery('7')])
    await read()
    await third.commit()
    await first.commit()
    expect(await read(2)).toMatchObject({
      deliveries: [{ id: '1' }, { id: '2' }],
      lateCount: 2,
      isEnd: false,
    })
    // What commits while the late ones are read, with a lower number or a higher one.
    await second.commit()
    await ledger.enqueue([newDelivery('8')])
    const ids: string[] = []
    let answer: NewRead
    do {
      answer = await read(2)
      ids.push(...idsOf(answer.deliveries))
    } while (!answer.isEnd)
    expect(ids).toEqual(['6', '3', '4', '5', '8'])
    expect((await read()).deliveries).toEqual([])
  })

  test('may have been rolled back to a savepoint, or end altogether', async () => {
    const { ledger, read } = await openReader()
    const partly = await enqueueOpen(ledger, 'kept')
    await partly.transaction.query('SAVEPOINT here')
    await ledger.enqueue([newDelivery('not kept')], { transaction: partly.transaction })
    await partly.transaction.query('ROLLBACK TO SAVEPOINT here')
    const never = await enqueueOpen(ledger, 'never')
    await ledger.enqueue([newDelivery('early')])
    await read()
    await partly.commit()
    await never.transaction.query('ROLLBACK')
    expect(idsOf((await read()).deliveries)).toEqual(['kept'])
  })
})

/** Those that read more entries of indexes, and how many. */
async function findExpensive(
  pool: Pool,
  reads: Record<string, () => Promise<unknown>>,
  most: number,
): Promise<string[]> {
  const expensive: string[] = []
  for (const [name, read] of Object.entries(reads)) {
    const count = await countReads(pool, read, ['deliveries', 'partitions'])
    if (count > most) expensive.push(`${name}: ${count}`)
  }
  return expensive
}

describe('what a read costs', () => {
  test('does not grow with what was delivered beside a transaction that stays open', async () => {
    const schema = database.createSchema()
    const pool = database.createPool({ max: 1 })
    const ledger = await database.open({ schema, pool, listen: false })
    const { dispatch } = ledger
    const long = await enqueueOpen(ledger, 'long')
    await dispatch.join({ id: 'me', place: 'here', endpointIds: ['one'] })
    const partitions = Array.from({ length: dispatch.partitionCount }, (_, partition) => partition)
    const [owned] = await dispatch.acquire(
      'me',
      partitions.map((partition) => ({ endpointId: 'one', partition })),
    )

    let { position } = await dispatch.readNew(undefined, 1)
    let after = 0
    for (let round = 0; round < 20; round += 1) {
      const ids = Array.from({ length: 500 }, (_, index) => `${round}/${index}`)
      await ledger.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id })))
      const read = await dispatch.readNew(position, 1000)
      expect(read.deliveries).toHaveLength(500)
      position = read.position
      after = read.deliveries.at(-1)!.number
      await dispatch.settle(
        'me',
        read.deliveries.map(({ endpointId, partition, number, tries }) => ({
          endpointId,
          partition,
          epoch: owned!.epoch,
          number,
          tries,
          state: 'delivered',
          attempt: { startedAgoInMs: 1, durationInMs: 1, outcome: 'delivered' },
        })),
      )
    }

    await ledger.enqueue(Array.from({ length: 10 }, (_, index) => newDelivery(`${index}`)))
    const reads = {
      readNew: () => dispatch.readNew(position, 100),
      readBacklog: () => dispatch.readBacklog({ endpointId: 'one', partitions, after, limit: 100 }),
      readDue: () => dispatch.readDue({ endpointId: 'one', partitions, limit: 100 }),
      readLines: () => dispatch.readLines([{ endpointId: 'one', orderingKey: 'a', after: 0, limit: 8 }]),
    }
    expect(await findExpensive(pool, reads, 200)).toEqual([])
    await long.commit()
    expect(idsOf((await dispatch.readNew(position, 100)).deliveries)[0]).toBe('long')
  })

  test.each([
    ['when they are new', ''],
    ['when they were gathered while it was empty', 'before'],
    ['when they are right', 'after'],
  ])('is bounded whatever the statistics say of a table: %s', async (_when, analyzed) => {
    const schema = database.createSchema()
    const pool = database.createPool({ max: 1 })
    const ledger = await database.open({ schema, pool, listen: false })
    const { dispatch } = ledger
    const { position } = await dispatch.readNew(undefined, 1)
    if (analyzed === 'before') await pool.query(`VACUUM ANALYZE ${schema}.deliveries, ${schema}.partitions`)
    const deliveries = Array.from({ length: 5000 }, (_, index) =>
      newDelivery(`${index}`, {
        orderingKey: `${index % 2 === 0 ? index : 'the same'}`,
        ...(index % 10 === 0 && { delayInMs: 60_000 }),
      }),
    )
    await ledger.enqueue(deliveries)
    if (analyzed === 'after') await pool.query(`VACUUM ANALYZE ${schema}.deliveries, ${schema}.partitions`)
    const partitions = Array.from({ length: dispatch.partitionCount }, (_, partition) => partition)
    const numbers = Array.from({ length: 50 }, (_, index) => 1 + 100 * index)
    const line = { endpointId: 'one', orderingKey: '4000', after: 0, limit: 8 }
    const dispatcher = await joinDispatcher(ledger, { endpointIds: ['one'] })
    const read = await dispatch.readPending(numbers)
    const settle = (outcome: Partial<Settlement>) =>
      dispatch.settle(
        'first',
        read.splice(0, 15).map((delivery) => dispatcher.toSettlement(delivery, outcome)),
      )
    // The first one of a day makes the day.
    expect(await settle({ state: 'delivered' })).toContain('delivered')
    const reads = {
      readNew: () => dispatch.readNew(position, 100),
      readBacklog: () => dispatch.readBacklog({ endpointId: 'one', partitions, after: 2000, limit: 100 }),
      readDue: () => dispatch.readDue({ endpointId: 'one', partitions, limit: 100 }),
      readLines: () => dispatch.readLines([line, { ...line, orderingKey: 'the same', after: 3000 }]),
      readPending: () => dispatch.readPending(numbers),
      cancel: () => ledger.operate.cancel('4001'),
      settleDelivered: () => settle({ state: 'delivered' }),
      settle: () => settle({ state: 'pending', retryInMs: 1000 }),
    }
    expect(await findExpensive(pool, reads, 500)).toEqual([])
  })
})

test('deliveries with transactions of another server, as after a restore, are not read as late again and again', async () => {
  const { schema, ledger, read } = await openReader()
  await ledger.enqueue([newDelivery('1'), newDelivery('2')])
  await read()
  const client = await database.connect()
  await client.query(`UPDATE ${schema}.deliveries SET xid = '1000000000000'`)
  await ledger.enqueue([newDelivery('3')])
  expect(idsOf((await read()).deliveries)).toEqual(['3'])
  expect((await read()).deliveries).toEqual([])
})
