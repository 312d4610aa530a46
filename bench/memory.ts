import { randomUUID } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { buildPackages } from './build-packages.ts'
import { startChild } from './child.ts'
import { fillOutbox } from './fill-outbox.ts'
import { fillWaiting } from './fill-waiting.ts'
import { formatCount } from './format-count.ts'
import { secret } from './secret.ts'
import type { ServerState } from './servers/serve.ts'

const target = '≤ 150 MB'
const flatTarget = `≤ 1.10, ${target}`
const hourInMs = 60 * 60 * 1000

/** How many deliveries an installed sender is to make, see `drain-installed.js`. */
interface InstalledDrain {
  outbox: string
  port: number
  secret: string
  count: number
}

/** What came of an {@link InstalledDrain}. */
interface InstalledDrainResult {
  /** The resident set of the process, the most at any time. */
  peakMemoryInMegabytes: number
}

/**
 * The most memory that a process with an installed sender has while it delivers, by what is pending and what waits for a retry: the
 * packages as they are built, no flags, a new process for each figure.
 */
export async function memory({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 200 : 10_000
  const waitingCount = isSmall ? 1000 : 100_000
  const manyCount = isSmall ? 4000 : 1_000_000
  await buildPackages()
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const receiver = stack.use(
    startChild<object, ServerState>(new URL('./servers/node-http-receiver.ts', import.meta.url)),
  )
  const { port } = await receiver.ask({})
  const createUrl = (name: string): string => `sqlite:${join(folder.path, `${name}.db`)}`

  async function drain(outbox: string, drained: number): Promise<number> {
    await using sender = startChild<InstalledDrain, InstalledDrainResult>(
      new URL('./drain-installed.js', import.meta.url),
      { flags: [] },
    )
    return (await sender.ask({ outbox, port, secret, count: drained })).peakMemoryInMegabytes
  }

  const few = createUrl('few')
  const many = createUrl('many')
  await fillOutbox(many, manyCount)
  const waiting = createUrl('waiting')
  await fillWaiting(waiting, { count: waitingCount, retryInMs: hourInMs })
  const due = createUrl('due')
  const fillDue = (added: number): Promise<void> =>
    fillWaiting(due, { count: added, retryInMs: 0, createId: randomUUID })
  await fillDue(waitingCount - count)

  const floor = `${formatCount(count)} delivered, of as many pending`
  const measureMany = async (drained: number): Promise<number> => {
    const peak = await drain(many, drained)
    await fillOutbox(many, drained)
    return peak
  }
  const candidates: Candidate[] = [
    { name: 'started, nothing pending', measure: () => drain(createUrl('none'), 0) },
    {
      name: floor,
      target,
      async measure() {
        await fillOutbox(few, count)
        return drain(few, count)
      },
    },
    {
      name: `${formatCount(count)} delivered, of ${formatCount(manyCount)} pending`,
      floor,
      target: flatTarget,
      measure: () => measureMany(count),
    },
    {
      name: `${formatCount(manyCount / 10)} delivered, of ${formatCount(manyCount)} pending`,
      target,
      measure: () => measureMany(manyCount / 10),
    },
    {
      name: `${formatCount(count)} delivered, beside ${formatCount(waitingCount)} tasks that wait for a retry`,
      floor,
      target: flatTarget,
      async measure() {
        await fillOutbox(waiting, count)
        return drain(waiting, count)
      },
    },
    {
      name: `${formatCount(count)} delivered, of ${formatCount(waitingCount)} tasks whose retry is due`,
      floor,
      target: flatTarget,
      async measure() {
        await fillDue(count)
        return drain(due, count)
      },
    },
  ]

  const started = stack.move()
  return {
    title: 'memory',
    unit: 'MB',
    rounds: 3,
    candidates,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
