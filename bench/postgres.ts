import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { startChild, type Child } from './child.ts'
import type { Drain, DrainResult } from './drain-outbox.ts'
import { fillOutbox } from './fill-outbox.ts'
import { formatCount } from './format-count.ts'
import type { Posts, PostsResult } from './post-in-loops.ts'
import type { QueueDrain, QueueDrainResult } from './queue-drain.ts'
import type { ServerState } from './servers/serve.ts'
import { settleDown } from './settle-down.ts'
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
  const server = stack.use(await startPostgres({ isSmall }))
  const start = <Question extends object, Answer>(script: URL) =>
    stack.use(startChild<Question, Answer>(script))
  const { port } = await start<object, ServerState>(
    new URL('./servers/sleeping-receiver.ts', import.meta.url),
  ).ask({})
  const pools = start<Posts, PostsResult>(new URL('./post-in-loops.ts', import.meta.url))
  const [node, ...otherNodes] = Array.from({ length: nodeCount }, () =>
    start<Drain, DrainResult>(new URL('./drain-outbox.ts', import.meta.url)),
  )
  const pgBoss = start<QueueDrain, QueueDrainResult>(new URL('./drain-pg-boss.ts', import.meta.url))
  const graphileWorker = start<QueueDrain, QueueDrainResult>(
    new URL('./drain-graphile-worker.ts', import.meta.url),
  )

  async function fillNew(added: number): Promise<string> {
    const url = await server.createDatabase()
    await fillOutbox(url, added)
    await settleDown(url)
    return url
  }

  async function drainAll(maxConcurrency: number): Promise<number> {
    const outbox = await fillNew(count)
    const { deliveriesPerSecond } = await node!.ask({ outbox, port, maxConcurrency, count })
    await server.dropDatabase(outbox)
    return deliveriesPerSecond
  }

  const many = await fillNew(manyCount)
  const queued = await fillNew(queuedCount)

  /** Each of the nodes makes as many; the slowest one says how fast they were. */
  async function drainSomeOf(outbox: string, nodes: readonly (typeof node)[]): Promise<number> {
    const results = await Promise.all(
      nodes.map((one) => one!.ask({ outbox, port, maxConcurrency: concurrency, count })),
    )
    await fillOutbox(outbox, nodes.length * count)
    await settleDown(outbox)
    return nodes.length * Math.min(...results.map(({ deliveriesPerSecond }) => deliveriesPerSecond))
  }

  async function drainQueue(queue: Child<QueueDrain, QueueDrainResult>): Promise<number> {
    const url = await server.createDatabase()
    const { deliveriesPerSecond } = await queue.ask({ url, port, concurrency, added: count, count })
    await server.dropDatabase(url)
    return deliveriesPerSecond
  }

  /** Filled the first time; what a round takes away, the next one puts back. */
  function drainOfQueued(queue: Child<QueueDrain, QueueDrainResult>, drained: number): () => Promise<number> {
    let url: string | undefined
    return async () => {
      const added = url === undefined ? queuedCount : drained
      url ??= await server.createDatabase()
      return (await queue.ask({ url, port, concurrency, added, count: drained })).deliveriesPerSecond
    }
  }

  const sending = `createSender, ${concurrency} at once`
  const graphile = `graphile-worker, ${concurrency} at once`
  const ofMany = `${sending}, of ${formatCount(manyCount)} pending`
  const ofQueued = `of ${formatCount(queuedCount)} pending`

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
        // What is promised is for 50; 100 is beside it.
        ...(atOnce === concurrency && {
          target: '≥ 0.50',
          comparisons: [{ floor: graphile, target: '≥ 1.30' }],
        }),
        measure: () => drainAll(atOnce),
      },
    ]
  }

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
        target: '≥ 0.90',
        measure: () => drainSomeOf(many, [node]),
      },
      {
        name: `three of them on one database`,
        floor: ofMany,
        measure: () => drainSomeOf(many, [node, ...otherNodes]),
      },
      {
        name: `pg-boss, ${concurrency} at once`,
        floor: sending,
        measure: () => drainQueue(pgBoss),
      },
      {
        name: `pg-boss, ${concurrency} at once, ${ofQueued}`,
        floor: sending,
        // It is ten times slower there.
        measure: drainOfQueued(pgBoss, count / 10),
      },
      { name: graphile, measure: () => drainQueue(graphileWorker) },
      { name: `${graphile}, ${ofQueued}`, measure: drainOfQueued(graphileWorker, count) },
      {
        name: `${sending}, ${ofQueued}`,
        floor: `${graphile}, ${ofQueued}`,
        target: '≥ 1.30',
        measure: () => drainSomeOf(queued, [node]),
      },
    ],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
