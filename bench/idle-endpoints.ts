import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { startChild } from './child.ts'
import type { Drain, DrainResult } from './drain-outbox.ts'
import { fillOutbox } from './fill-outbox.ts'
import { formatCount } from './format-count.ts'
import { createFreshFile } from './fresh-file.ts'
import { median } from './median.ts'
import type { ServerState } from './servers/serve.ts'

/**
 * Deliveries a second to one endpoint, by how many others are configured to which nothing is sent. From the first delivery on: what the
 * start takes is said under the table.
 */
export async function idleEndpoints({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 200 : 10_000
  const idleCounts = isSmall ? [0, 50] : [0, 50, 200, 1000]
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const receiver = stack.use(
    startChild<object, ServerState>(new URL('./servers/node-http-receiver.ts', import.meta.url)),
  )
  const sender = stack.use(startChild<Drain, DrainResult>(new URL('./drain-outbox.ts', import.meta.url)))
  const { port } = await receiver.ask({})
  const starts = new Map<number, number[]>(idleCounts.map((idleCount) => [idleCount, []]))

  async function measure(idleCount: number): Promise<number> {
    await using file = createFreshFile(folder.path)
    await fillOutbox(file.url, count)
    const drained = await sender.ask({ outbox: file.url, port, idleEndpoints: idleCount, count })
    starts.get(idleCount)?.push(drained.firstInMs)
    return drained.steadyDeliveriesPerSecond
  }

  function toCandidate(idleCount: number): Candidate {
    const candidate = { name: toName(idleCount), measure: () => measure(idleCount) }
    return idleCount === 0 ? candidate : { ...candidate, floor: toName(0), target: '≥ 0.90' }
  }

  const started = stack.move()
  return {
    title: 'idle-endpoints',
    unit: 'req/s',
    rounds: 5,
    candidates: idleCounts.map(toCandidate),
    note() {
      const durations = [...starts].map(
        ([idleCount, figures]) => `${Math.round(median(figures))} ms with ${formatCount(idleCount)}`,
      )
      return `From start to the first delivery: ${durations.join(', ')}.`
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

function toName(idleCount: number): string {
  return `createSender, ${formatCount(idleCount)} idle endpoints`
}
