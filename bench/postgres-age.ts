import type { Ledger } from '@taskhook/outbox'
import { postgresLedger } from '@taskhook/postgres'
import { Client } from 'pg'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { fillDelivered } from './fill-delivered.ts'
import { fillOutbox } from './fill-outbox.ts'
import { formatCount } from './format-count.ts'
import { joinLedger, type JoinedDispatcher } from './joined-dispatcher.ts'
import { measureTurns, settleMany, type Turns } from './measure-turns.ts'
import { settleDown } from './settle-down.ts'
import { shareSample } from './share-sample.ts'
import { run, startPostgres } from './start-postgres.ts'

const limit = 50
/** An outbox of some age, and a dispatcher that owns its partitions. */
interface Outbox {
  url: string
  ledger: Ledger
  dispatcher: JoinedDispatcher
}

/**
 * What a read and a settlement of 50 deliveries cost, in milliseconds, by what else is in the tables: nothing, many delivered, many
 * pending, and what is left of those that have gone through.
 */
export async function postgresAge({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const pendingCount = isSmall ? 1000 : 10_000
  const manyCount = isSmall ? 400 : 1_000_000
  const dayCount = isSmall ? 2 : 10
  const churnCount = isSmall ? 500 : 30_000
  const turnCount = isSmall ? 3 : 30
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPostgres({ isSmall }))

  async function open({ pending, days = 0 }: { pending: number; days?: number }): Promise<Outbox> {
    const url = await server.createDatabase()
    const ledger: Ledger = stack.adopt(
      await postgresLedger({ connectionString: url, listen: false }),
      (opened) => opened.close(),
    )
    await fillDelivered(url, { days, perDay: manyCount / dayCount })
    await fillOutbox(url, pending)
    await settleDown(url)
    return { url, ledger, dispatcher: stack.use(await joinLedger(ledger)) }
  }

  async function churn({ url, dispatcher }: Outbox): Promise<void> {
    await fillOutbox(url, churnCount)
    await settleMany(dispatcher, churnCount)
  }

  async function measure({ url, dispatcher }: Outbox): Promise<Turns> {
    const turns = await measureTurns(dispatcher, { count: turnCount, limit })
    await fillOutbox(url, turnCount * limit)
    return turns
  }

  const fresh = await open({ pending: pendingCount })
  const young = await open({ pending: pendingCount, days: 1 })
  const old = await open({ pending: pendingCount, days: dayCount })
  const full = await open({ pending: manyCount })
  const churned = await open({ pending: pendingCount })
  const held = await open({ pending: pendingCount })
  const drop = await dropDay(await open({ pending: 0, days: 1 }))

  // One that was forgotten, or a long report: while it is open, nothing that is deleted can be cleaned up.
  const holder = stack.adopt(new Client(held.url), (opened) => opened.end())
  await holder.connect()
  await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await holder.query('SELECT count(*) FROM taskhook.deliveries')
  await churn(held)

  const sizes: string[] = []
  async function measureChurned(): Promise<Turns> {
    await churn(churned)
    const turns = await measure(churned)
    sizes.push(await describeSize(churned, { churnedCount: (sizes.length + 1) * churnCount, turns }))
    return turns
  }

  const pending = `of ${formatCount(pendingCount)} pending`
  const floor = `${pending}, nothing delivered`
  function toCandidates(what: string, sample: () => Promise<Turns>): Candidate[] {
    const take = shareSample(sample)
    const toCandidate = (operation: string, part: keyof Turns): Candidate => ({
      name: `${operation}, ${what}`,
      ...(what !== floor && { floor: `${operation}, ${floor}` }),
      measure: async () => (await take(part))[part],
    })
    return [toCandidate('read', 'readInMs'), toCandidate('settle', 'settleInMs')]
  }

  const started = stack.move()
  return {
    title: 'postgres-age',
    unit: 'ms',
    rounds: 10,
    candidates: [
      ...toCandidates(floor, () => measure(fresh)),
      ...toCandidates(`${pending}, ${formatCount(manyCount / dayCount)} delivered`, () => measure(young)),
      ...toCandidates(`${pending}, ${formatCount(manyCount)} delivered`, () => measure(old)),
      ...toCandidates(`of ${formatCount(manyCount)} pending`, () => measure(full)),
      ...toCandidates(`${pending}, ${formatCount(churnCount)} more delivered each round`, measureChurned),
      ...toCandidates(
        `${pending}, ${formatCount(churnCount)} delivered in the time of a transaction that is open`,
        () => measure(held),
      ),
    ],
    note: () => `${drop}\n\n${[sizeHead, ...sizes].join('\n')}`,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

const sizeHead = `
| delivered through the table | rows | table, MB | its indexes, MB | dead rows | autovacuums | read, ms | settle, ms |
| --: | --: | --: | --: | --: | --: | --: | --: |`.trim()

async function describeSize(
  { url }: Outbox,
  { churnedCount, turns }: { churnedCount: number; turns: Turns },
): Promise<string> {
  const [row] = await run(
    url,
    `
      SELECT (SELECT count(*) FROM taskhook.deliveries) AS rows,
        round(pg_relation_size('taskhook.deliveries') / 1e6, 1) AS table,
        round(pg_indexes_size('taskhook.deliveries') / 1e6, 1) AS indexes,
        n_dead_tup, autovacuum_count
      FROM pg_stat_user_tables WHERE relid = 'taskhook.deliveries'::regclass
    `,
  )
  const durations = [turns.readInMs, turns.settleInMs].map((duration) => duration.toFixed(2))
  return `| ${[formatCount(churnedCount), ...Object.values(row ?? {}), ...durations].join(' | ')} |`
}

/** Drops the one day that is there, and says what it took. */
async function dropDay({ ledger }: Outbox): Promise<string> {
  const startedAt = performance.now()
  const count = await ledger.dispatch.purge(1, 1)
  const durationInMs = performance.now() - startedAt
  return `A day of ${formatCount(count)} delivered was dropped in ${Math.round(durationInMs)} ms.`
}
