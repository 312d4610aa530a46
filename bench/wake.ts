import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchOptions } from './bench.ts'
import { startChild, type Child } from './child.ts'
import { monotonicNow } from './monotonic-now.ts'
import { percentileCandidates } from './percentile-candidates.ts'
import type { SenderTask, SenderTaskResult } from './send-or-idle.ts'

type SenderProcess = Child<SenderTask, SenderTaskResult>

const minuteInMs = 60_000

/**
 * How long an event takes from `send` to its receiver when nothing else is under way, sent by the process that delivers and by
 * another one on the same file; and what the process that delivers costs while there is nothing to deliver.
 */
export async function wake({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 5 : 100
  const idleDurationInMs = isSmall ? 100 : 3000
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const receiver = stack.use(
    createServer((request, response) => {
      receiver.emit('arrival', monotonicNow())
      request.resume().once('end', () => response.writeHead(204).end())
    }),
  )
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const { port } = receiver.address() as AddressInfo
  const place = { outbox: `sqlite:${join(folder.path, 'outbox.db')}`, port }

  const script = new URL('./send-or-idle.ts', import.meta.url)
  const delivering: SenderProcess = stack.use(startChild(script))
  const other: SenderProcess = stack.use(startChild(script))
  await delivering.ask({ kind: 'open', place, isStarted: true })
  await other.ask({ kind: 'open', place, isStarted: false })

  async function latenciesFrom(process: SenderProcess): Promise<number[]> {
    const latencies: number[] = []
    for (let index = 0; index < count; index++) {
      // Long enough for the last one to be written down, and at any point between two looks at what others have sent.
      await delay(20 + 50 * Math.random())
      const arrival = once(receiver, 'arrival')
      const { startedAt } = await process.ask({ kind: 'send' })
      const [arrivedAt] = (await arrival) as [number]
      latencies.push(arrivedAt - startedAt)
    }
    return latencies
  }

  async function idleCpuTime(): Promise<number> {
    const { cpuTimeInMs } = await delivering.ask({ kind: 'idle', durationInMs: idleDurationInMs })
    return (cpuTimeInMs * minuteInMs) / idleDurationInMs
  }

  const started = stack.move()
  const percentiles = [{ percent: 50 }, { percent: 99 }]
  return {
    title: 'wake',
    unit: 'ms',
    rounds: 5,
    candidates: [
      ...percentileCandidates({
        name: 'send to arrival',
        percentiles,
        sample: () => latenciesFrom(delivering),
      }),
      ...percentileCandidates({
        name: 'send to arrival, sent by another process',
        percentiles,
        sample: () => latenciesFrom(other),
      }),
      { name: 'CPU time of an idle sender, a minute', measure: idleCpuTime },
    ],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
