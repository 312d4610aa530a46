import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { startChild } from './child.ts'
import type { Drain, DrainResult } from './drain-outbox.ts'
import { fillOutbox } from './fill-outbox.ts'
import { formatCount } from './format-count.ts'
import { createFreshFile } from './fresh-file.ts'
import type { Posts, PostsResult } from './post-in-loops.ts'
import type { ServerState } from './servers/serve.ts'

/**
 * Deliveries a second of a sender that empties an outbox: read, signed, posted, written down, in order for each task.
 * Against a bare undici `Pool` that posts as often, as many at once. Sender, loops and receiver each have a process of their own.
 */
export async function drain({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 200 : 10_000
  const manyCount = isSmall ? 1000 : 1_000_000
  const concurrencies = isSmall ? [50] : [50, 100]
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const start = <Question extends object, Answer>(script: URL) =>
    stack.use(startChild<Question, Answer>(script))
  const answeringReceiver = start<object, ServerState>(
    new URL('./servers/node-http-receiver.ts', import.meta.url),
  )
  const verifyingReceiver = start<object, ServerState>(
    new URL('./servers/verifying-receiver.ts', import.meta.url),
  )
  const loops = start<Posts, PostsResult>(new URL('./post-in-loops.ts', import.meta.url))
  const sender = start<Drain, DrainResult>(new URL('./drain-outbox.ts', import.meta.url))
  const [answering, verifying] = [await answeringReceiver.ask({}), await verifyingReceiver.ask({})]

  async function drainSome(outbox: string, port: number, maxConcurrency: number): Promise<number> {
    return (await sender.ask({ outbox, port, maxConcurrency, count })).deliveriesPerSecond
  }

  async function drainAll(port: number, maxConcurrency: number): Promise<number> {
    await using file = createFreshFile(folder.path)
    await fillOutbox(file.url, count)
    return await drainSome(file.url, port, maxConcurrency)
  }

  const many = `sqlite:${join(folder.path, 'many.db')}`
  await fillOutbox(many, manyCount)
  async function drainOfMany(maxConcurrency: number): Promise<number> {
    const rate = await drainSome(many, answering.port, maxConcurrency)
    await fillOutbox(many, count)
    return rate
  }

  async function post(client: Posts['client'], port: number, concurrency: number): Promise<number> {
    return (await loops.ask({ client, port, concurrency, count })).requestsPerSecond
  }

  function candidatesAt(concurrency: number): Candidate[] {
    const atOnce = `${concurrency} at once`
    const floor = `undici Pool, ${atOnce}`
    const verifiedFloor = `${floor}, verified`
    const sending = `createSender, ${atOnce}`
    return [
      { name: floor, measure: () => post('Pool', answering.port, concurrency) },
      {
        name: `fetch, ${atOnce}`,
        floor,
        measure: () => post('fetch', answering.port, concurrency),
      },
      { name: sending, floor, target: '≥ 0.50', measure: () => drainAll(answering.port, concurrency) },
      {
        name: `${sending}, of ${formatCount(manyCount)} pending`,
        floor: sending,
        target: '≥ 0.90',
        measure: () => drainOfMany(concurrency),
      },
      {
        name: verifiedFloor,
        measure: () => post('Pool', verifying.port, concurrency),
      },
      {
        name: `${sending}, verified`,
        floor: verifiedFloor,
        target: '≥ 0.85',
        measure: () => drainAll(verifying.port, concurrency),
      },
    ]
  }

  const started = stack.move()
  return {
    title: 'drain',
    unit: 'req/s',
    rounds: 10,
    candidates: concurrencies.flatMap(candidatesAt),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
