import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDashboard } from '@taskhook/dashboard'
import { createOutbox, openLedger } from '@taskhook/outbox'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { startChild } from './child.ts'
import type { DrainBesidePages, DrainedBesidePages } from './drain-beside-pages.ts'
import { fillOutbox } from './fill-outbox.ts'
import { formatCount } from './format-count.ts'
import { createFreshFile } from './fresh-file.ts'
import { joinLedger } from './joined-dispatcher.ts'
import { measureTurns } from './measure-turns.ts'
import { median } from './median.ts'
import type { ServerState } from './servers/serve.ts'

const openPages = 100

/** What a page takes beside its queries, in an outbox that holds much; and what pages that are open cost the sender in their process. */
export async function dashboard({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const count = isSmall ? 1000 : 1_000_000
  const pending = isSmall ? 100 : 20_000
  const requests = isSmall ? 2 : 50
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'taskhook-bench-')))
  const url = `sqlite:${join(folder.path, 'full.db')}`
  const ledger = stack.adopt(await openLedger(url), (opened) => opened.close())
  await fillOutbox(ledger, count + pending)
  await using dispatcher = await joinLedger(ledger)
  await measureTurns(dispatcher, { count: count / 500, limit: 500 })
  const outbox = createOutbox({ ledger })
  const answer = createDashboard({ outbox, access: () => 'operate' })
  const figures = new Map<string, number[]>()

  const receiver = stack.use(
    startChild<object, ServerState>(new URL('./servers/node-http-receiver.ts', import.meta.url)),
  )
  const sender = stack.use(
    startChild<DrainBesidePages, DrainedBesidePages>(new URL('./drain-beside-pages.ts', import.meta.url)),
  )
  const { port } = await receiver.ask({})
  const events: number[] = []

  async function measureRequests(name: string, request: () => Promise<unknown>): Promise<number> {
    const startedAt = performance.now()
    for (let left = requests; left > 0; left -= 1) await request()
    const inMs = (performance.now() - startedAt) / requests
    figures.set(name, [...(figures.get(name) ?? []), inMs])
    return inMs
  }

  async function load(path: string): Promise<void> {
    const response = await answer(new Request(`http://localhost/${path}`))
    if (response.status !== 200) throw new Error(`${path} was answered ${response.status}`)
    await response.text()
  }

  async function measureSender(pages: number): Promise<number> {
    await using file = createFreshFile(folder.path)
    await fillOutbox(file.url, pending)
    const drained = await sender.ask({ outbox: file.url, port, count: pending, pages })
    if (pages > 0) events.push(drained.events)
    return drained.deliveriesPerSecond
  }

  const queries = `the queries of a page of 50 out of ${formatCount(count + pending)}`
  const page = `the page`
  const alone = 'createSender, no page open'
  const candidates: Candidate[] = [
    {
      name: queries,
      measure: () =>
        measureRequests(queries, () =>
          Promise.all([outbox.deliveries.list({ limit: 50 }), outbox.endpoints.list({ countLimit: 1 })]),
        ),
    },
    {
      name: page,
      floor: queries,
      target: '5 ms more',
      measure: () => measureRequests(page, () => load('deliveries')),
    },
    ...[
      ['the overview', ''],
      ['a task', 'task?id=1'],
      ['filtered by state', 'deliveries?state=pending'],
      ['filtered by an event that is not there', 'deliveries?event=OrderNever'],
      ['filtered by times', 'deliveries?from=2026-01-01&before=2026-01-02'],
    ].map(([name = '', path = '']) => ({
      name,
      measure: () =>
        measureRequests(name, async () => void (await answer(new Request(`http://localhost/${path}`)))),
    })),
    { name: alone, unit: 'req/s', measure: () => measureSender(0) },
    {
      name: `createSender, ${openPages} pages open`,
      unit: 'req/s',
      floor: alone,
      target: '≥ 0.98',
      measure: () => measureSender(openPages),
    },
  ]

  const started = stack.move()
  return {
    title: 'dashboard',
    unit: 'ms',
    rounds: 5,
    candidates,
    note() {
      const more = median(figures.get(page) ?? []) - median(figures.get(queries) ?? [])
      return `A page takes ${more.toFixed(2)} ms more than its queries. The open pages were told what they are ${formatCount(median(events))} times while the sender delivered ${formatCount(pending)}.`
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
