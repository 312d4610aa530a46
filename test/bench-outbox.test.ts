import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

function ratioRow(floor: string, target: string): RegExp {
  return new RegExp(` \\| ${floor} \\| \\*\\*\\d+\\.\\d\\d\\*\\* \\| \\d.* \\| [\\d,.]+ \\| ${target} \\|$`)
}

const figureRow = /^\| .* \| {2}\| {2}\| {2}\| [\d,.]+ \| .*\|$/

// Longer than others may take: it starts eight processes, and the machine may be busy.
test('the drain, send and wake benches print what was measured of the outbox, and what it is compared with', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=taskhook-source', 'bench/run.ts', 'drain', 'send', 'wake', '--rounds', '1', '--small'],
    { cwd: root },
  )
  const rows = new Map(stdout.split('\n').map((line) => [line.split(' | ')[0]?.slice(2), line]))

  expect(rows.get('createSender, 50 at once')).toMatch(ratioRow('undici Pool, 50 at once', '≥ 0.80'))
  expect(rows.get('createSender, 50 at once, of 1,000 pending')).toMatch(
    ratioRow('createSender, 50 at once', '≥ 0.80'),
  )
  expect(rows.get('createSender, 50 at once, verified')).toMatch(
    ratioRow('undici Pool, 50 at once, verified', '≥ 0.80'),
  )
  expect(stdout).toMatch(/had \d+ MB of memory when it was started, and never more than \d+ MB/)

  expect(rows.get('200 at once, p99')).toMatch(figureRow)
  expect(rows.get('one alone')).toMatch(ratioRow('one row inserted into SQLite', '≤ 1.50'))

  expect(rows.get('send to arrival, p99')).toMatch(figureRow)
  expect(rows.get('send to arrival, sent by another process, p50')).toMatch(figureRow)
  expect(rows.get('CPU time of an idle sender, a minute')).toMatch(figureRow)
}, 60_000)
