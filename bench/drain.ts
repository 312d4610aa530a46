import { mkdtempDisposable, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { startChild } from './child.ts'
import type { Drain, DrainResult } from './drain-outbox.ts'
import { fillOutbox } from './fill-outbox.ts'
import type { Posts, PostsResult } from './post-in-loops.ts'
import type { ServerState } from './servers/serve.ts'

/**
 * Deliveries a second of a sender that empties an outbox: claimed, signed, posted, written down, in order for each task.
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
  let memory = { firstMemoryInMegabytes: Number.NaN, peakMemoryInMegabytes: Number.NaN }

  async function drainSome(file: string, port: number, maxConcurrency: number): Promise<number> {
    const { deliveriesPerSecond, ...rest } = await sender.ask({ file, port, maxConcurrency, count })
    memory = rest
    return deliveriesPerSecond
  }

  let files = 0
  async function drainAll(port: number, maxConcurrency: number): Promise<number> {
    const file = join(folder.path, `outbox-${files++}.db`)
    await fillOutbox(file, count)
    const rate = await drainSome(file, port, maxConcurrency)
    await rm(file)
    return rate
  }

  const manyFile = join(folder.path, 'many.db')
  await fillOutbox(manyFile, manyCount)
  async function drainOfMany(maxConcurrency: number): Promise<number> {
    const rate = await drainSome(manyFile, answering.port, maxConcurrency)
    await fillOutbox(manyFile, count)
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
      { name: sending, floor, target: '≥ 0.80', measure: () => drainAll(answering.port, concurrency) },
      {
        name: `${sending}, of ${manyCount.toLocaleString('en')} pending`,
        floor: sending,
        target: '≥ 0.80',
        measure: () => drainOfMany(concurrency),
      },
      {
        name: verifiedFloor,
        measure: () => post('Pool', verifying.port, concurrency),
      },
      {
        name: `${sending}, verified`,
        floor: verifiedFloor,
        target: '≥ 0.80',
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
    note: () =>
      `The process of createSender had ${Math.round(memory.firstMemoryInMegabytes)} MB of memory when it was started, ` +
      `and never more than ${Math.round(memory.peakMemoryInMegabytes)} MB (target: under 150).`,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
