import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { createBesideId } from './beside.ts'
import { startChild } from './child.ts'
import type { Drain, DrainResult } from './drain-outbox.ts'
import { fillOutbox, sendAll } from './fill-outbox.ts'
import { fillWaiting } from './fill-waiting.ts'
import { formatCount } from './format-count.ts'
import { openSender } from './open-sender.ts'
import { percentileCandidates } from './percentile-candidates.ts'
import type { SentSample, SentSampleResult } from './send-and-time.ts'
import type { ServerState } from './servers/serve.ts'
import { shareSample } from './share-sample.ts'

const hourInMs = 60 * 60 * 1000

/**
 * What a task with very many pending events, and very many tasks that wait for a retry, take from the others: their rate, the time until
 * the first one after a start, and how long an event takes that is sent meanwhile.
 */
export async function fairness({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 200 : 10_000
  const sentCount = isSmall ? 5 : 200
  const longCount = isSmall ? 1000 : 100_000
  const waitingCount = isSmall ? 1000 : 500_000
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const start = <Question extends object, Answer>(script: URL) =>
    stack.use(startChild<Question, Answer>(script))
  const { port } = await start<object, ServerState>(
    new URL('./servers/node-http-receiver.ts', import.meta.url),
  ).ask({})
  const drainer = start<Drain, DrainResult>(new URL('./drain-outbox.ts', import.meta.url))
  const timer = start<SentSample, SentSampleResult>(new URL('./send-and-time.ts', import.meta.url))

  const longTaskId = createBesideId('long')
  async function fillLong(outbox: string, added: number): Promise<void> {
    await using sender = await openSender({ outbox })
    await sendAll(
      sender,
      Array.from({ length: added }, () => ({ taskId: longTaskId, eventType: 'OrderAccepted' })),
    )
  }

  const alone = `sqlite:${join(folder.path, 'alone.db')}`
  const beside = `sqlite:${join(folder.path, 'beside.db')}`
  await fillLong(beside, longCount)
  await fillWaiting(beside, { count: waitingCount, retryInMs: hourInMs })

  async function drain(outbox: string): Promise<DrainResult> {
    await fillOutbox(outbox, count)
    const result = await drainer.ask({ outbox, port, count })
    await fillLong(outbox, result.besideCountAtEnd)
    return result
  }

  async function time(outbox: string): Promise<number[]> {
    const { latenciesInMs, besideCountAtEnd } = await timer.ask({ outbox, port, count: sentCount })
    await fillLong(outbox, besideCountAtEnd)
    return latenciesInMs
  }

  const without = 'other tasks, alone'
  const besides =
    `other tasks, beside one with ${formatCount(longCount)} pending events ` +
    `and ${formatCount(waitingCount)} that wait for a retry`

  function toCandidates(name: string, outbox: string, floor?: string): Candidate[] {
    const take = shareSample(() => drain(outbox))
    return [
      {
        name,
        ...(floor !== undefined && { floor, target: '≥ 0.80' }),
        measure: async () => (await take('rate')).steadyDeliveriesPerSecond,
      },
      {
        name: `${name}, start to first delivery`,
        unit: 'ms',
        ...(floor !== undefined && { floor: `${floor}, start to first delivery` }),
        measure: async () => (await take('first')).firstInMs,
      },
      ...percentileCandidates({
        name: `${name}, send to delivered`,
        ...(floor !== undefined && { floor: `${floor}, send to delivered` }),
        unit: 'ms',
        percentiles: [{ percent: 50 }, { percent: 99 }],
        sample: () => time(outbox),
      }),
    ]
  }

  const started = stack.move()
  return {
    title: 'fairness',
    unit: 'req/s',
    rounds: 5,
    candidates: [...toCandidates(without, alone), ...toCandidates(besides, beside, without)],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
