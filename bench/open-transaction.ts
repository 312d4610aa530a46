import { Client } from 'pg'
import type { Bench, BenchOptions } from './bench.ts'
import { startChild } from './child.ts'
import type { Drain, DrainResult } from './drain-outbox.ts'
import { fillOutbox } from './fill-outbox.ts'
import { formatCount } from './format-count.ts'
import type { ServerState } from './servers/serve.ts'
import { settleDown } from './settle-down.ts'
import { startPostgres } from './start-postgres.ts'

const maxConcurrency = 50

/**
 * Deliveries a second on PostgreSQL after many have gone through while a transaction of another connection was open, and is still:
 * nothing that was deleted meanwhile can be cleaned up. Against an outbox through which nothing has gone.
 */
export async function openTransaction({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 200 : 10_000
  const churnCount = isSmall ? 500 : 150_000
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPostgres({ isSmall }))
  const receiver = stack.use(
    startChild<object, ServerState>(new URL('./servers/sleeping-receiver.ts', import.meta.url)),
  )
  const sender = stack.use(startChild<Drain, DrainResult>(new URL('./drain-outbox.ts', import.meta.url)))
  const { port } = await receiver.ask({})

  async function drain(outbox: string, drained: number): Promise<number> {
    return (await sender.ask({ outbox, port, maxConcurrency, count: drained })).deliveriesPerSecond
  }

  /** Many go through while others are accepted, which is how a service meets it. */
  async function churn(outbox: string): Promise<void> {
    await Promise.all([drain(outbox, churnCount), fillOutbox(outbox, churnCount)])
  }

  async function openBeside(url: string, statement: string): Promise<void> {
    const holder = stack.adopt(new Client(url), (opened) => opened.end())
    await holder.connect()
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await holder.query(statement)
  }

  async function createOutbox(): Promise<string> {
    const url = await server.createDatabase()
    await fillOutbox(url, 0)
    return url
  }

  const churned = await createOutbox()
  await churn(churned)
  const besideRead = await createOutbox()
  await openBeside(besideRead, 'SELECT count(*) FROM taskhook.deliveries')
  await churn(besideRead)
  const besideWrite = await createOutbox()
  // With a number of its own, which the snapshots of all others have to consider.
  await openBeside(besideWrite, 'SELECT pg_current_xact_id()')
  await churn(besideWrite)

  async function measure(outbox: string): Promise<number> {
    await fillOutbox(outbox, count)
    await settleDown(outbox)
    return drain(outbox, count)
  }

  async function measureFresh(): Promise<number> {
    const outbox = await server.createDatabase()
    const rate = await measure(outbox)
    await server.dropDatabase(outbox)
    return rate
  }

  const started = stack.move()
  const floor = 'createSender, nothing delivered before'
  const after = `createSender, after ${formatCount(churnCount)}`
  return {
    title: 'open-transaction',
    unit: 'req/s',
    rounds: 5,
    candidates: [
      { name: floor, measure: measureFresh },
      { name: after, floor, measure: () => measure(churned) },
      {
        name: `${after} beside an open transaction that reads`,
        floor,
        target: '≥ 0.80',
        measure: () => measure(besideRead),
      },
      {
        name: `${after} beside an open transaction that writes`,
        floor,
        target: '≥ 0.80',
        measure: () => measure(besideWrite),
      },
    ],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
