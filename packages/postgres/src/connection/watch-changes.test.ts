import { describe, expect, test } from 'vitest'
import { joinDispatcher, newDelivery } from '@taskhook/outbox/testing'
import type { PostgresLedgerOptions } from '../postgres-ledger-options.ts'
import { useTestDatabase } from '../testing/test-database.ts'

const database = useTestDatabase()

/** Two ledgers on one schema; the first one counts what it is told, and is listening when this resolves. */
async function openTwo(options: PostgresLedgerOptions = {}) {
  const schema = database.createSchema()
  const ledger = await database.open({ schema, ...options })
  const other = await database.open({ schema })
  // What is accepted is told when a dispatcher is there that it matters to.
  const dispatcher = await joinDispatcher(ledger)
  let count = 0
  let told = Promise.withResolvers<number>()
  const end = ledger.dispatch.onChange(() => {
    count += 1
    told.resolve(performance.now())
  })
  return {
    schema,
    ledger,
    other,
    dispatcher,
    end,
    countOf: () => count,
    /** When it is told next. */
    next: (): Promise<number> => {
      told = Promise.withResolvers()
      return told.promise
    },
  }
}

async function pidsListeningTo(schema: string): Promise<number[]> {
  const client = await database.connect()
  const { rows } = await client.query(
    "SELECT pid FROM pg_stat_activity WHERE query = $1 AND state = 'idle'",
    [`LISTEN "${schema}"`],
  )
  return rows.map(({ pid }) => Number(pid))
}

describe('onChange', () => {
  test('tells of a commit of another ledger within 100 ms', async () => {
    const { other, next } = await openTwo()
    // What it tells of first is that it listens.
    await next()
    const startedAt = performance.now()
    const told = next()
    await other.enqueue([newDelivery('1')])
    expect((await told) - startedAt).toBeLessThan(100)
  })

  test.each<[string, (other: Awaited<ReturnType<typeof openTwo>>['other']) => Promise<unknown>]>([
    ['resends', (other) => other.operate.resend('1')],
    ['cancels', (other) => other.operate.cancel('1')],
    ['pauses an endpoint', (other) => other.operate.pauseEndpoint('one')],
    ['resumes an endpoint', (other) => other.operate.resumeEndpoint('one')],
    ['opens a circuit', (other) => other.dispatch.setCircuit('one', { state: 'closed' })],
    ['joins', (other) => joinDispatcher(other, { id: 'second' })],
    ['leaves', (other) => other.dispatch.leave('first')],
  ])('tells when another ledger %s', async (_what, act) => {
    const { ledger, other, next } = await openTwo()
    await next()
    // It waits, so that to resend it is to hurry it.
    await ledger.enqueue([newDelivery('1', { delayInMs: 60_000 })])
    const startedAt = performance.now()
    const told = next()
    await act(other)
    expect((await told) - startedAt).toBeLessThan(1000)
  })

  test('tells when another ledger gives partitions back', async () => {
    const { other, dispatcher, next } = await openTwo()
    await next()
    const startedAt = performance.now()
    const told = next()
    await other.dispatch.release('first', dispatcher.owned)
    expect((await told) - startedAt).toBeLessThan(1000)
  })

  // Commits that notify wait for each other: a node that is alone need not.
  test('notifies of what is accepted only when another ledger has a dispatcher', async () => {
    const schema = database.createSchema()
    const [ledger, other] = [await database.open({ schema }), await database.open({ schema })]
    const heard: (string | undefined)[] = []
    const client = await database.connect()
    client.on('notification', ({ payload }) => heard.push(payload))
    await client.query(`LISTEN ${schema}`)
    await joinDispatcher(ledger)
    // What joining tells of has come by then.
    await client.query('SELECT 1')
    heard.length = 0
    await ledger.enqueue([newDelivery('1')])
    await client.query('SELECT 1')
    expect(heard).toEqual([])
    await other.enqueue([newDelivery('2')])
    await client.query('SELECT 1')
    expect(heard).toHaveLength(1)
  })

  test('does not tell of what the ledger did itself, other than in a transaction of the application', async () => {
    const { ledger, other, next, countOf } = await openTwo()
    await next()
    const before = countOf()
    await ledger.enqueue([newDelivery('1')])
    await ledger.operate.cancel('1')
    const client = await database.connect()
    await client.query('BEGIN')
    await ledger.enqueue([newDelivery('2')], { transaction: client })
    await other.operate.listEndpoints()
    expect(countOf()).toBe(before)
    const told = next()
    await client.query('COMMIT')
    await told
  })

  test('tells once of many at the same time', async () => {
    const { other, next, countOf } = await openTwo()
    await next()
    const before = countOf()
    for (let index = 0; index < 50; index += 1) await other.enqueue([newDelivery(`${index}`)])
    await next()
    expect(countOf() - before).toBeLessThan(50)
  })

  test('listens again after its connection was lost', async () => {
    const { schema, other, next } = await openTwo()
    await next()
    const [pid] = await pidsListeningTo(schema)
    const client = await database.connect()
    const relistening = next()
    await client.query('SELECT pg_terminate_backend($1)', [pid])
    await relistening
    await expect.poll(() => pidsListeningTo(schema)).toHaveLength(1)
    const told = next()
    await other.enqueue([newDelivery('1')])
    await told
  })

  test('ends its connection with the last one who watches', async () => {
    const { schema, ledger, end, next } = await openTwo()
    await next()
    const endOther = ledger.dispatch.onChange(() => {})
    end()
    expect(await pidsListeningTo(schema)).toHaveLength(1)
    endOther()
    await expect.poll(() => pidsListeningTo(schema)).toEqual([])
  })

  test('tells its watchers to look every second where it shall not listen', async () => {
    const { schema, next } = await openTwo({ listen: false })
    const startedAt = performance.now()
    expect((await next()) - startedAt).toBeLessThan(2000)
    expect(await pidsListeningTo(schema)).toEqual([])
  })

  test("listens on a connection of the application's pool, and ends it afterwards", async () => {
    const pool = database.createPool({ max: 3 })
    const { schema, ledger, other, end, next } = await openTwo({ pool })
    await next()
    expect(await pidsListeningTo(schema)).toHaveLength(1)
    const told = next()
    await other.enqueue([newDelivery('1')])
    await told
    end()
    await expect.poll(() => pidsListeningTo(schema)).toEqual([])
    await ledger.close()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
})
