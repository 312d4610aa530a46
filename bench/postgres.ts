import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { startChild, type Child } from './child.ts'
import { fillPostgres, settleDown } from './fill-postgres.ts'
import type { Posts, PostsResult } from './post-in-loops.ts'
import type { QueueDrain, QueueDrainResult } from './queue-drain.ts'
import type { ServerState } from './servers/serve.ts'
import { startPostgres } from './start-postgres.ts'

const concurrency = 50
const concurrencies = [concurrency, 100]
const nodeCount = 3

/**
 * Deliveries a second of a sender that empties an outbox on PostgreSQL, against a bare undici `Pool` that posts as often; and
 * beside it job queues on PostgreSQL that make the same deliveries, in order for each task. Everything is on this machine: the
 * server has what the sender and the receiver leave it.
 */
export async function postgres({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 200 : 10_000
  const manyCount = isSmall ? 2000 : 1_000_000
  const queuedCount = isSmall ? 1000 : 100_000
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPostgres())
  const start = <Question extends object, Answer>(script: URL) =>
    stack.use(startChild<Question, Answer>(script))
  const { port } = await start<object, ServerState>(
    new URL('./servers/sleeping-receiver.ts', import.meta.url),
  ).ask({})
  const pools = start<Posts, PostsResult>(new URL('./post-in-loops.ts', import.meta.url))
  const [node, ...otherNodes] = Array.from({ length: nodeCount }, () =>
    start<Omit<QueueDrain, 'added'>, QueueDrainResult>(new URL('./drain-postgres.ts', import.meta.url)),
  )
  const pgBoss = start<QueueDrain, QueueDrainResult>(new URL('./drain-pg-boss.ts', import.meta.url))
  const graphileWorker = start<QueueDrain, QueueDrainResult>(
    new URL('./drain-graphile-worker.ts', import.meta.url),
  )

  const manyUrl = await server.createDatabase()
  await fillPostgres(manyUrl, manyCount)
  await settleDown(manyUrl)

  async function drainAll(maxConcurrency: number): Promise<number> {
    const url = await server.createDatabase()
    await fillPostgres(url, count)
    await settleDown(url)
    const { deliveriesPerSecond } = await node!.ask({ url, port, concurrency: maxConcurrency, count })
    await server.dropDatabase(url)
    return deliveriesPerSecond
  }

  /** Each of the nodes makes as many; the slowest one says how fast they were. */
  async function drainOfMany(nodes: readonly (typeof node)[]): Promise<number> {
    const results = await Promise.all(
      nodes.map((one) => one!.ask({ url: manyUrl, port, concurrency, count })),
    )
    await fillPostgres(manyUrl, nodes.length * count)
    return nodes.length * Math.min(...results.map(({ deliveriesPerSecond }) => deliveriesPerSecond))
  }

  async function drainQueue(queue: Child<QueueDrain, QueueDrainResult>): Promise<number> {
    const url = await server.createDatabase()
    const { deliveriesPerSecond } = await queue.ask({ url, port, concurrency, added: count, count })
    await server.dropDatabase(url)
    return deliveriesPerSecond
  }

  /** Filled the first time; what a round takes away, the next one puts back. */
  function drainOfQueued(queue: Child<QueueDrain, QueueDrainResult>): () => Promise<number> {
    let url: string | undefined
    return async () => {
      const added = url === undefined ? queuedCount : count / 10
      url ??= await server.createDatabase()
      return (await queue.ask({ url, port, concurrency, added, count: count / 10 })).deliveriesPerSecond
    }
  }

  function candidatesAt(atOnce: number): Candidate[] {
    const floor = `undici Pool, ${atOnce} at once`
    return [
      {
        name: floor,
        async measure() {
          const posts: Posts = { client: 'Pool', port, concurrency: atOnce, count }
          return (await pools.ask(posts)).requestsPerSecond
        },
      },
      {
        name: `createSender, ${atOnce} at once`,
        floor,
        target: '≥ 0.50',
        measure: () => drainAll(atOnce),
      },
    ]
  }

  const sending = `createSender, ${concurrency} at once`
  const ofMany = `${sending}, of ${manyCount.toLocaleString('en')} pending`
  const ofQueued = `of ${queuedCount.toLocaleString('en')} pending`
  const started = stack.move()
  return {
    title: 'postgres',
    unit: 'req/s',
    rounds: 3,
    candidates: [
      ...concurrencies.flatMap(candidatesAt),
      {
        name: ofMany,
        floor: sending,
        target: '≥ 0.80',
        measure: () => drainOfMany([node]),
      },
      {
        name: `three of them on one database`,
        floor: ofMany,
        measure: () => drainOfMany([node, ...otherNodes]),
      },
      {
        name: `pg-boss, ${concurrency} at once`,
        floor: sending,
        measure: () => drainQueue(pgBoss),
      },
      {
        name: `pg-boss, ${concurrency} at once, ${ofQueued}`,
        floor: sending,
        measure: drainOfQueued(pgBoss),
      },
      {
        name: `graphile-worker, ${concurrency} at once`,
        floor: sending,
        measure: () => drainQueue(graphileWorker),
      },
      {
        name: `graphile-worker, ${concurrency} at once, ${ofQueued}`,
        floor: sending,
        measure: drainOfQueued(graphileWorker),
      },
    ],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
