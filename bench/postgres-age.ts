import type { Ledger } from '@taskhook/outbox'
import { postgresLedger } from '@taskhook/postgres'
import { Client } from 'pg'
import type { Bench, BenchOptions, Candidate } from './bench.ts'
import { churn, measureTurns, type Turns } from './churn.ts'
import { fillDelivered } from './fill-delivered.ts'
import { fillPostgres, settleDown } from './fill-postgres.ts'
import { run, startPostgres } from './start-postgres.ts'

const limit = 50

/** An outbox of some age. */
interface Outbox {
  url: string
  ledger: Ledger
}

/**
 * What a claim and a settlement of 50 deliveries cost, in milliseconds, by what else is in the tables: nothing, many delivered, many
 * pending, and what is left of those that have gone through.
 */
export async function postgresAge({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const pendingCount = isSmall ? 1000 : 10_000
  const manyCount = isSmall ? 2000 : 1_000_000
  const churnCount = isSmall ? 500 : 30_000
  const turnCount = isSmall ? 3 : 30
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPostgres())

  async function open({ pending, days = 0 }: { pending: number; days?: number }): Promise<Outbox> {
    const url = await server.createDatabase()
    const ledger: Ledger = stack.adopt(
      await postgresLedger({ connectionString: url, listen: false }),
      (opened) => opened.close(),
    )
    await fillDelivered(url, { days, perDay: manyCount / 10 })
    await fillPostgres(url, pending)
    await settleDown(url)
    return { url, ledger }
  }

  const fresh = await open({ pending: pendingCount })
  const young = await open({ pending: pendingCount, days: 1 })
  const old = await open({ pending: pendingCount, days: 10 })
  const full = await open({ pending: manyCount })
  const churned = await open({ pending: pendingCount })
  const held = await open({ pending: pendingCount })
  const drop = await dropDay(await open({ pending: 0, days: 1 }))

  // One that somebody forgot, or a long report: while it is open, nothing that is deleted can be cleaned up.
  const holder = stack.adopt(new Client(held.url), (opened) => opened.end())
  await holder.connect()
  await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await holder.query('SELECT count(*) FROM taskhook.deliveries')
  await fillPostgres(held.url, churnCount)
  await churn(held.ledger, churnCount)

  async function measure({ url, ledger }: Outbox, part: keyof Turns): Promise<number> {
    const turns = await measureTurns(ledger, { count: turnCount, limit })
    await fillPostgres(url, turnCount * limit)
    return turns[part]
  }

  const sizes: string[] = []
  async function measureChurned(): Promise<number> {
    await fillPostgres(churned.url, churnCount)
    await churn(churned.ledger, churnCount)
    const claimInMs = await measure(churned, 'claimInMs')
    sizes.push(await describeSize(churned, { churnedCount: (sizes.length + 1) * churnCount, claimInMs }))
    return claimInMs
  }

  const pending = `of ${pendingCount.toLocaleString('en')} pending`
  const floorOf = (operation: string): string => `${operation}, ${pending}, nothing delivered`
  function candidatesOf(operation: 'claim' | 'settle', part: keyof Turns): Candidate[] {
    const floor = floorOf(operation)
    const delivered = (count: number): string =>
      `${operation}, ${pending}, ${count.toLocaleString('en')} delivered`
    return [
      { name: floor, measure: () => measure(fresh, part) },
      { name: delivered(manyCount / 10), floor, measure: () => measure(young, part) },
      { name: delivered(manyCount), floor, measure: () => measure(old, part) },
      {
        name: `${operation}, of ${manyCount.toLocaleString('en')} pending`,
        floor,
        measure: () => measure(full, part),
      },
    ]
  }

  const started = stack.move()
  return {
    title: 'postgres-age',
    unit: 'ms',
    rounds: 10,
    candidates: [
      ...candidatesOf('claim', 'claimInMs'),
      ...candidatesOf('settle', 'settleInMs'),
      {
        name: `claim, ${pending}, ${churnCount.toLocaleString('en')} more delivered each round`,
        floor: floorOf('claim'),
        measure: measureChurned,
      },
      {
        name: `claim, ${pending}, ${churnCount.toLocaleString('en')} delivered in the time of a transaction that is open`,
        floor: floorOf('claim'),
        measure: () => measure(held, 'claimInMs'),
      },
    ],
    note: () => `${drop}\n\n${[sizeHead, ...sizes].join('\n')}`,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

const sizeHead = `
| delivered through the table | rows | table, MB | its indexes, MB | dead rows | autovacuums | claim, ms |
| --: | --: | --: | --: | --: | --: | --: |`.trim()

async function describeSize(
  { url }: Outbox,
  { churnedCount, claimInMs }: { churnedCount: number; claimInMs: number },
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
  return `| ${[churnedCount.toLocaleString('en'), ...Object.values(row ?? {}), claimInMs.toFixed(2)].join(' | ')} |`
}

/** Drops the one day that is there, and says what it took. */
async function dropDay({ ledger }: Outbox): Promise<string> {
  const startedAt = performance.now()
  const count = await ledger.purge(Date.now(), 1)
  const durationInMs = performance.now() - startedAt
  return `A day of ${count.toLocaleString('en')} delivered was dropped in ${Math.round(durationInMs)} ms.`
}
