/** The kill test in its long form: prints its figures as a Markdown table, and fails when something is wrong. */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { runKills } from './run-kills.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
})
const [kills, seed] = [values.kills, values.seed].map((value) => {
  if (!/^[1-9][0-9]{0,5}$/.test(value)) throw new Error('--kills and --seed must be whole numbers from 1')
  return Number(value)
}) as [number, number]

const result = await runKills({ kills, seed })
const { deliveries, requests, duplicates, mostLeftBehind, states, integrity, durationInMs } = result
const faults = {
  lost: result.lost.length,
  'out of order': result.outOfOrder.length,
  'two of one task at once': result.overlapping.length,
  'duplicates without a kill to explain them': result.unexplained.length,
  'received and never accepted': result.unknown.length,
  'not delivered in the ledger': deliveries - (states['delivered'] ?? 0),
}
const rows: [title: string, figure: number | string][] = [
  ['kills (SIGKILL)', kills],
  ['deliveries accepted', deliveries],
  ['requests', requests],
  ['duplicates', duplicates],
  ['most deliveries that one kill left to be repeated at one endpoint', mostLeftBehind],
  ...Object.entries(faults),
  ['`PRAGMA integrity_check`', integrity],
  ['duration', `${(durationInMs / 1000).toFixed(1)} s`],
]

const processor = `${availableParallelism()} × ${cpus()[0]?.model ?? 'an unknown processor'}`
console.log(
  `Node.js ${process.versions.node}, ${process.platform} ${process.arch}, ${processor}, seed ${seed}\n`,
)
console.log('|  |  |\n| --- | --: |')
for (const [title, figure] of rows) console.log(`| ${title} | ${figure.toLocaleString('en')} |`)

if (integrity !== 'ok' || Object.values(faults).some((count) => count !== 0)) process.exitCode = 1
