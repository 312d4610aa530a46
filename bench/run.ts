import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench, BenchOptions } from './bench.ts'
import { markdownTable } from './markdown-table.ts'
import { measureInTurn } from './measure-in-turn.ts'

// Imported when it runs, so that one bench does not load what only another needs.
const benches = new Map<string, (options: BenchOptions) => Promise<Bench>>([
  ['verify', async () => (await import('./verify.ts')).verify()],
  ['adapters', async () => (await import('./adapters.ts')).adapters()],
  ['attempt', async () => (await import('./attempt.ts')).attempt()],
  ['drain', async (options) => (await import('./drain.ts')).drain(options)],
  ['send', async (options) => (await import('./send.ts')).send(options)],
  ['wake', async (options) => (await import('./wake.ts')).wake(options)],
  ['memory', async (options) => (await import('./memory.ts')).memory(options)],
  ['idle-endpoints', async (options) => (await import('./idle-endpoints.ts')).idleEndpoints(options)],
  ['fairness', async (options) => (await import('./fairness.ts')).fairness(options)],
  ['refused-tasks', async (options) => (await import('./refused-tasks.ts')).refusedTasks(options)],
  ['dashboard', async (options) => (await import('./dashboard.ts')).dashboard(options)],
  ['postgres', async (options) => (await import('./postgres.ts')).postgres(options)],
  ['postgres-send', async (options) => (await import('./postgres-send.ts')).postgresSend(options)],
  ['postgres-age', async (options) => (await import('./postgres-age.ts')).postgresAge(options)],
  ['inbox', async (options) => (await import('./inbox.ts')).inbox(options)],
  ['open-transaction', async (options) => (await import('./open-transaction.ts')).openTransaction(options)],
  ['cli', async (options) => (await import('./cli.ts')).cli(options)],
])

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, small: { type: 'boolean', default: false } },
})
const names = positionals.length === 0 ? [...benches.keys()] : positionals
const unknown = names.find((name) => !benches.has(name))
if (unknown !== undefined) {
  throw new Error(`there is no bench "${unknown}", but ${[...benches.keys()].join(', ')}`)
}
if (values.rounds !== undefined && !/^[1-9][0-9]{0,3}$/.test(values.rounds)) {
  throw new Error('--rounds must be a whole number from 1 to 9999')
}

console.log(describeMachine())
for (const name of names) {
  await using bench = await benches.get(name)?.({ isSmall: values.small })
  if (bench === undefined) continue
  const rounds = Number(values.rounds ?? (values.small ? 1 : bench.rounds))
  // A tenth, and one at least.
  const warmUpRounds = values.small ? 0 : Math.ceil(rounds / 10)
  const measurements = await measureInTurn(bench.candidates, { rounds, warmUpRounds })
  console.log(
    `\n${markdownTable(bench, measurements)}\n\n${[`${rounds} rounds.`, bench.note?.()].join(' ').trim()}`,
  )
}

function describeMachine(): string {
  const processor = `${availableParallelism()} × ${cpus()[0]?.model ?? 'an unknown processor'}`
  // What else the machine does is in every figure, ratios included, if there is much of it.
  const load = `load average ${loadavg()[0]?.toFixed(2)} at the start`
  return `Node.js ${process.versions.node}, ${process.platform} ${process.arch}, ${processor}, ${load}`
}
