import { randomUUID } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timeOrderedId } from '@taskhook/outbox/testing'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { startChild, type Child } from './child.ts'
import type { Load, LoadResult } from './load.ts'
import { percentileCandidates } from './percentile-candidates.ts'
import type { InboxAnswer, InboxQuestion } from './servers/express-inbox.ts'
import type { ServerState } from './servers/serve.ts'
import { shareSample } from './share-sample.ts'
import { startPostgres } from './start-postgres.ts'
import { wireRequests } from './wire-requests.ts'

type InboxServer = Child<InboxQuestion, InboxAnswer>

/** What one moment under load showed of a server. */
interface Sample {
  requestsPerSecond: number
  /** By the processor time of the server's process alone, its database's left out. */
  requestsPerProcessorSecond: number
}

const floor = 'Express, answered and not stored'
const connections = 100
const target = '≥ 0.70'

/**
 * Requests a second that Express with the adapter answers when each webhook is stored in an inbox first, against the same service that only
 * answers; and how long a webhook takes from `accept` to the handler when nothing else is under way.
 */
export async function inbox({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const [warmUpInMs, durationInMs] = isSmall ? [100, 300] : [500, 1000]
  // More than a server answers in that time.
  const requestCount = (warmUpInMs + durationInMs) * 25
  const latencyCount = isSmall ? 3 : 50
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const postgres = stack.use(await startPostgres({ isSmall }))
  const load = stack.use(startChild<Load, LoadResult>(new URL('./load.ts', import.meta.url)))
  const plain: Child<object, ServerState> = stack.use(
    startChild(new URL('./servers/express-taskhook.ts', import.meta.url)),
  )

  async function openServer(store: string, isStarted: boolean): Promise<InboxServer> {
    const server: InboxServer = stack.use(startChild(new URL('./servers/express-inbox.ts', import.meta.url)))
    await server.ask({ kind: 'open', store, isStarted })
    return server
  }

  // By default with ids as our sender gives them.
  async function askForLoad(
    state: () => Promise<ServerState>,
    createId: () => string = timeOrderedId,
  ): Promise<Sample> {
    const requests = wireRequests({ count: requestCount, standardWebhooks: true, createId })
    const { port, cpuTimeInMs: usedBefore } = await state()
    const question = { port, requests, isEachSentOnce: true, maySleep: true, connections }
    const { requestsPerSecond, answered } = await load.ask({ ...question, warmUpInMs, durationInMs })
    const { cpuTimeInMs } = await state()
    return { requestsPerSecond, requestsPerProcessorSecond: (answered * 1000) / (cpuTimeInMs - usedBefore) }
  }

  function underLoad(name: string, sample: () => Promise<Sample>, comparison: Partial<Candidate> = {}) {
    const take = shareSample(sample)
    const suffix = ', by processor time'
    const byProcessor = { ...comparison, ...(comparison.floor && { floor: floor + suffix }) }
    return [
      { name, ...comparison, measure: async () => (await take('time')).requestsPerSecond },
      {
        name: name + suffix,
        ...byProcessor,
        measure: async () => (await take('processor')).requestsPerProcessorSecond,
      },
    ] satisfies Candidate[]
  }

  async function ofStore(name: string, createStore: () => Promise<string>): Promise<Candidate[]> {
    const storing = await openServer(await createStore(), false)
    const handling = await openServer(await createStore(), true)
    return [
      ...underLoad(`${name}, stored`, () => askForLoad(() => storing.ask({ kind: 'state' })), {
        floor,
        target,
      }),
      ...underLoad(
        `${name}, stored, ids at random`,
        () => askForLoad(() => storing.ask({ kind: 'state' }), randomUUID),
        { floor },
      ),
      ...underLoad(
        `${name}, stored, and handled beside it`,
        async () => {
          const sample = await askForLoad(() => handling.ask({ kind: 'state' }))
          // What waits is not the next candidate's.
          await handling.ask({ kind: 'idle' })
          return sample
        },
        { floor },
      ),
      ...percentileCandidates({
        name: `${name}, accept to handler`,
        unit: 'ms',
        percentiles: [{ percent: 50 }, { percent: 99 }],
        sample: async () => (await handling.ask({ kind: 'accept-and-time', count: latencyCount })).latencies,
      }),
    ]
  }

  let files = 0
  const candidates = [
    ...underLoad(floor, () => askForLoad(() => plain.ask({}))),
    ...(await ofStore('SQLite', async () => `sqlite:${join(folder.path, `inbox-${(files += 1)}.db`)}`)),
    ...(await ofStore('PostgreSQL', () => postgres.createDatabase())),
  ]
  const started = stack.move()
  return {
    title: 'inbox',
    unit: 'req/s',
    rounds: 15,
    candidates,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
