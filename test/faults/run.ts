/**
 * The kill test in its long form, on SQLite, or with `--postgres` on PostgreSQL and with more kinds of faults; with `--receivers` what
 * receivers keep in memory, and what resets and kills do to them; with `--inbox` the kill test of receivers with an inbox. Prints its figures as a Markdown table, and fails when something is wrong.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Verdict } from './judge.ts'
import type { OutboxContent } from './outbox-store.ts'
import { inSeconds, type Report, type Row } from './report.ts'
import { reportInbox } from './inbox/report-inbox.ts'
import { runKills } from './run-kills.ts'
import { reportReceivers } from './receivers/report-receivers.ts'
import { runNodeFaults } from './run-node-faults.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' },
    postgres: { type: 'boolean', default: false },
    receivers: { type: 'boolean', default: false },
    inbox: { type: 'boolean', default: false },
    'at-least-once': { type: 'boolean', default: false },
    deliveries: { type: 'string', default: '100000' },
  },
})
const defaultKills = values.receivers ? '200' : values.postgres ? '300' : '500'
const [kills, seed, deliveryCount] = [values.kills ?? defaultKills, values.seed, values.deliveries].map(
  (value) => {
    if (!/^[1-9][0-9]{0,5}$/.test(value)) {
      throw new Error('--kills, --seed and --deliveries must be whole numbers from 1')
    }
    return Number(value)
  },
) as [number, number, number]

const report = await (values.receivers
  ? reportReceivers({ deliveries: deliveryCount, kills, seed })
  : values.inbox
    ? reportInbox({
        isOnPostgres: values.postgres,
        isInTransaction: !values['at-least-once'],
        kills,
        seed,
      })
    : values.postgres
      ? runOnPostgres()
      : runOnSqlite())
const processor = `${availableParallelism()} × ${cpus()[0]?.model ?? 'an unknown processor'}`
console.log(
  `Node.js ${process.versions.node}, ${process.platform} ${process.arch}, ${processor}, seed ${seed}\n`,
)
console.log('|  |  |\n| --- | --: |')
for (const [title, figure] of report.rows) console.log(`| ${title} | ${figure.toLocaleString('en')} |`)
if (!report.isSound) process.exitCode = 1

async function runOnSqlite(): Promise<Report> {
  const result = await runKills({ kills, seed })
  const faults = faultsOf(result)
  const rows: Row[] = [
    ['kills (SIGKILL)', kills],
    ...trafficOf(result),
    ...Object.entries(faults),
    ['`PRAGMA integrity_check`', result.integrity],
    ['duration', inSeconds(result.durationInMs)],
  ]
  return { rows, isSound: result.integrity === 'ok' && areNone(faults) }
}

async function runOnPostgres(): Promise<Report> {
  const result = await runNodeFaults({ kills, seed })
  const faults = faultsOf(result)
  const refusals = Object.entries(result.refusals).map(([code, count]): Row => [`\`${code}\``, count])
  const rows: Row[] = [
    ['nodes killed (SIGKILL)', kills],
    ['nodes stalled for longer than their lease (SIGSTOP)', result.stalls],
    ['restarts of the server, every other one as after a crash', result.restarts],
    ['longest restart', inSeconds(result.longestRestartInMs)],
    ...refusals,
    ...trafficOf(result),
    ['attempts of a stalled node after or while others made them', result.late.length],
    ...Object.entries(faults),
    ['`amcheck`, keys accepted twice', result.integrity],
    ['duration', inSeconds(result.durationInMs)],
  ]
  return { rows, isSound: result.integrity === 'ok' && areNone(faults) }
}

function trafficOf({ deliveries, requests, duplicates, mostLeftBehind }: Verdict): Row[] {
  return [
    ['deliveries accepted', deliveries],
    ['requests', requests],
    ['duplicates', duplicates],
    ['most deliveries that one kill left to be repeated at one endpoint', mostLeftBehind],
  ]
}

function faultsOf(result: Verdict & OutboxContent): Record<string, number> {
  return {
    lost: result.lost.length,
    'out of order': result.outOfOrder.length,
    'two of one task at once': result.overlapping.length,
    'duplicates without a kill to explain them': result.unexplained.length,
    'received and never accepted': result.unknown.length,
    'not delivered in the ledger': result.deliveries - (result.states['delivered'] ?? 0),
  }
}

function areNone(faults: Record<string, number>): boolean {
  return Object.values(faults).every((count) => count === 0)
}
