import { randomUUID } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions } from './bench.ts'
import { startChild } from './child.ts'
import { countAttempts } from './count-attempts.ts'
import { formatCount } from './format-count.ts'
import { createFreshFile } from './fresh-file.ts'
import { percentileCandidates } from './percentile-candidates.ts'
import { openRowTable } from './row-table.ts'
import { openSender } from './open-sender.ts'
import type { ServerState } from './servers/serve.ts'
import { taskEvents } from './task-events.ts'

const floor = 'one row inserted into SQLite'

/**
 * How long `send` takes: of ten thousand at once, by a sender that only accepts and by one that delivers meanwhile; and alone,
 * against the insert of one row as large and as durable.
 */
export async function send({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 200 : 10_000
  const aloneDurationInMs = isSmall ? 20 : 500
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const receiver = stack.use(
    startChild<object, ServerState>(new URL('./servers/node-http-receiver.ts', import.meta.url)),
  )
  const { port } = await receiver.ask({})
  const alone = stack.use(await openSender({ outbox: `sqlite:${join(folder.path, 'alone.db')}` }))
  const table = stack.use(openRowTable(join(folder.path, 'rows.db')))

  async function sendAtOnce({ isDelivering }: { isDelivering: boolean }): Promise<number[]> {
    await using file = createFreshFile(folder.path)
    await using sender = await openSender({ outbox: file.url, port })
    using counter = countAttempts(count)
    if (isDelivering) await sender.start()
    const events = taskEvents(count)
    const startedAt = performance.now()
    const durations = await Promise.all(
      events.map(async (event) => {
        await sender.send(event)
        return performance.now() - startedAt
      }),
    )
    if (isDelivering) await counter.delivered
    return durations
  }

  const sendAlone = (): unknown => alone.send({ taskId: randomUUID(), eventType: 'OrderSigned' })
  const atOnce = `${formatCount(count)} at once`
  const started = stack.move()
  return {
    title: 'send',
    unit: 'ms',
    rounds: 10,
    candidates: [
      ...percentileCandidates({
        name: atOnce,
        percentiles: [{ percent: 50 }, { percent: 99, target: '≤ 150 ms' }],
        sample: () => sendAtOnce({ isDelivering: false }),
      }),
      ...percentileCandidates({
        name: `${atOnce}, delivering meanwhile`,
        percentiles: [{ percent: 50 }, { percent: 99, target: '≤ 150 ms' }],
        sample: () => sendAtOnce({ isDelivering: true }),
      }),
      { name: floor, measure: () => durationOfEach(table.insertRow, aloneDurationInMs) },
      {
        name: 'one alone',
        floor,
        target: '≤ 1.30',
        measure: () => durationOfEach(sendAlone, aloneDurationInMs),
      },
    ],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function durationOfEach(operation: () => unknown, durationInMs: number): Promise<number> {
  const startedAt = performance.now()
  let operations = 0
  let elapsedInMs: number
  do {
    const done = operation()
    // What is synchronous is not charged for being awaited.
    if (done instanceof Promise) await done
    operations += 1
    elapsedInMs = performance.now() - startedAt
  } while (elapsedInMs < durationInMs)
  return elapsedInMs / operations
}
