import type { Claim, Ledger } from '@taskhook/outbox'
import { describe, expect, test } from 'vitest'
import {
  claim,
  claimOne,
  idsOf,
  look,
  newDelivery,
  settle,
  startOfTime,
} from '../../outbox/src/testing-ledger.ts'
import type { PostgresClient } from './postgres-client.ts'
import { useTestDatabase } from './testing-postgres.ts'

const database = useTestDatabase()

type Event = 'commit a' | 'commit b' | 'roll back a' | 'claim' | 'settle'

/** All orders in which these may happen, each list in its own order. */
function interleavings(...lists: Event[][]): Event[][] {
  const left = lists.filter((list) => list.length > 0)
  if (left.length === 0) return [[]]
  return left.flatMap((list) => {
    const rest = left.map((other) => (other === list ? other.slice(1) : other))
    return interleavings(...rest).map((events) => list.slice(0, 1).concat(events))
  })
}

/** Two open transactions of the application that have each sent for the same task, `a` before `b`. */
async function openTwo(isolation: string, accepted: string[]) {
  const store = await database.createStore()
  const ledger = await store.open()
  if (accepted.length > 0) await ledger.enqueue(accepted.map((id) => newDelivery(id)))
  const transactions = { a: await database.connect(), b: await database.connect() }
  return { ledger, transactions, begin: () => begin(ledger, transactions, isolation) }
}

async function begin(
  ledger: Ledger<PostgresClient>,
  transactions: Record<'a' | 'b', PostgresClient>,
  isolation: string,
): Promise<void> {
  for (const [id, transaction] of Object.entries(transactions)) {
    await transaction.query(`BEGIN ISOLATION LEVEL ${isolation}`)
    // Its snapshot is taken now, as after other work of the application.
    await transaction.query('SELECT count(*) FROM pg_class')
    await ledger.enqueueWithin(transaction, [newDelivery(id)])
  }
}

describe('two transactions that send for the same task at the same time', () => {
  test.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])(
    'are each attempted once, one at a time, whichever commits first and whatever is claimed between (%s)',
    async (isolation) => {
      const { ledger, transactions, begin: beginTwo } = await openTwo(isolation, [])
      for (const end of ['commit a', 'roll back a'] as const) {
        for (const hasHead of [false, true]) {
          const work: Event[] = ['claim', 'settle']
          for (const events of interleavings([end], ['commit b'], work)) {
            // The same ids again, once they are gone: it is the same task all the time.
            await ledger.purge(Number.MAX_SAFE_INTEGER, 1000)
            if (hasHead) await ledger.enqueue([newDelivery('head')])
            await beginTwo()
            const attempted = await play(ledger, transactions, events)
            const orders = allowedOrders(events, hasHead).map((order) => order.join())
            const isAllowed = orders.includes(attempted.join())
            expect({ events, attempted, isAllowed }).toEqual({ events, attempted, isAllowed: true })
          }
        }
      }
    },
  )

  test('leave nobody behind when the head is settled before they commit, though both were seen by nobody', async () => {
    const { ledger, transactions, begin: beginTwo } = await openTwo('READ COMMITTED', ['head'])
    const head = await claimOne(ledger)
    await beginTwo()
    await settle(ledger, head)
    await transactions.b.query('COMMIT')
    await transactions.a.query('COMMIT')
    expect(idsOf(await claim(ledger))).toEqual(['a'])
    expect(await look(ledger, 'b')).not.toHaveProperty('readyAt')
  })

  test('hold up neither a claim, a settlement nor a cancellation of their task while they are open', async () => {
    const { ledger, begin: beginTwo } = await openTwo('SERIALIZABLE', ['1', '2', '3'])
    await beginTwo()
    const first = await claimOne(ledger)
    await settle(ledger, first)
    expect(await ledger.cancel('2', 0)).toBe(true)
    await ledger.resend('2', 0)
    expect(idsOf(await claim(ledger))).toEqual(['3'])
  })
})

describe('a task whose head is settled by one machine while another one claims', () => {
  test('is left alone by the claim until the settlement is committed, and goes on then', async () => {
    const { schema, ledger, slow, head } = await openSlow()
    await slow.query(
      `SELECT FROM ${schema}.settle($1, $2, '{delivered}', $3, '{NULL}', '{0}', '{NULL}', $4)`,
      [[head.id], [head.token], [startOfTime], ['{"outcome":"delivered"}']],
    )
    await ledger.enqueue([newDelivery('next')])
    // The head is still there to see, and the settlement cannot see this one.
    expect(await claim(ledger)).toEqual([])
    await slow.query('COMMIT')
    expect(idsOf(await claim(ledger))).toEqual(['next'])
  })

  test('is settled when the claim that told the next one to wait is committed, and goes on then', async () => {
    const { schema, ledger, slow, head } = await openSlow()
    await ledger.enqueue([newDelivery('next')])
    await slow.query(`SELECT FROM ${schema}.claim('one', 'slow', 10, $1, 1000)`, [startOfTime])
    let isSettled = false
    const settled = settle(ledger, head).then(() => (isSettled = true))
    await expect.poll(() => countWaitingForLocks(schema)).toBe(1)
    expect(isSettled).toBe(false)
    await slow.query('COMMIT')
    await settled
    expect(idsOf(await claim(ledger))).toEqual(['next'])
  })
})

/** A head in flight, and a connection of a machine that is slow between statement and COMMIT. */
async function openSlow() {
  const schema = database.createSchema()
  const ledger = await database.open({ schema, clock: 'caller', partitionInMs: 1 })
  const slow = await database.connect()
  await ledger.enqueue([newDelivery('head')])
  const head = await claimOne(ledger)
  await slow.query('BEGIN')
  return { schema, ledger, slow, head }
}

async function countWaitingForLocks(schema: string): Promise<number> {
  const client = await database.connect()
  const { rows } = await client.query(
    "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'",
    [schema],
  )
  return rows.length
}

/** Does one after the other, then drains; the ids in the order attempted. Fails when two are in flight. */
async function play(
  ledger: Ledger<PostgresClient>,
  transactions: Record<'a' | 'b', PostgresClient>,
  events: readonly Event[],
): Promise<string[]> {
  const attempted: string[] = []
  let inFlight: Claim | undefined

  async function next(): Promise<void> {
    const claims = await claim(ledger)
    expect(claims.length).toBeLessThanOrEqual(inFlight === undefined ? 1 : 0)
    inFlight ??= claims[0]
    attempted.push(...idsOf(claims))
  }

  async function end(): Promise<void> {
    if (inFlight !== undefined) expect(await settle(ledger, inFlight)).toBe(true)
    inFlight = undefined
  }

  for (const event of events) {
    if (event === 'commit a') await transactions.a.query('COMMIT')
    if (event === 'roll back a') await transactions.a.query('ROLLBACK')
    if (event === 'commit b') await transactions.b.query('COMMIT')
    if (event === 'claim') await next()
    if (event === 'settle') await end()
  }
  for (let round = 0; round < 4; round += 1) {
    await end()
    await next()
  }
  expect(inFlight).toBeUndefined()
  return attempted
}

/** Who sent first is attempted first, unless the other one had committed, and was looked at, before it did. */
function allowedOrders(events: readonly Event[], hasHead: boolean): string[][] {
  const before = hasHead ? ['head'] : []
  if (events.includes('roll back a')) return [[...before, 'b']]
  const b = events.indexOf('commit b')
  const isSeenFirst = events.slice(b, Math.max(b, events.indexOf('commit a'))).includes('claim')
  const [asSent, asSeen] = [
    [...before, 'a', 'b'],
    [...before, 'b', 'a'],
  ]
  if (!isSeenFirst) return [asSent]
  return hasHead ? [asSent, asSeen] : [asSeen]
}
