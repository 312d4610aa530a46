import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
// Longer than others may take: each starts some processes, and the machine may be busy.
const timeoutInMs = 120_000

/** Runs benches with little work; resolves to the lines that they print, by their first cell, and for each comparison of a candidate one. */
async function bench(...names: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=taskhook-source', 'bench/run.ts', ...names, '--rounds', '1', '--small'],
    { cwd: root },
  )
  return stdout.split('\n')
}

function ratioRow({ name, floor, target }: { name: string; floor: string; target: string }): unknown {
  const cells = [
    name,
    floor,
    String.raw`\*\*\d+\.\d\d\*\*`,
    String.raw`\d\S+`,
    String.raw`[\d,.]+( [\w/]+)?`,
    target,
  ]
  return expect.stringMatching(new RegExp(`^\\| ${cells.join(String.raw` \| `)} \\|$`))
}

function figureRow(name: string, target = ''): unknown {
  return expect.stringMatching(
    new RegExp(`^\\| ${name} \\| {2}\\| 1? ?\\| {2}\\| [\\d,.]+( \\w+)? \\| ${target}`),
  )
}

test(
  'the drain, send and wake benches print what was measured of the outbox, and what it is compared with',
  async () => {
    const lines = await bench('drain', 'send', 'wake')
    const sending = 'createSender, 50 at once'

    expect(lines).toContainEqual(
      ratioRow({ name: sending, floor: 'undici Pool, 50 at once', target: '≥ 0.50' }),
    )
    expect(lines).toContainEqual(
      ratioRow({ name: `${sending}, of 1,000 pending`, floor: sending, target: '≥ 0.90' }),
    )
    expect(lines).toContainEqual(
      ratioRow({
        name: `${sending}, verified`,
        floor: 'undici Pool, 50 at once, verified',
        target: '≥ 0.85',
      }),
    )
    expect(lines).toContainEqual(figureRow('200 at once, p99', '≤ 150 ms'))
    expect(lines).toContainEqual(
      ratioRow({ name: 'one alone', floor: 'one row inserted into SQLite', target: '≤ 1.30' }),
    )
    expect(lines).toContainEqual(figureRow('send to arrival, p99'))
    expect(lines).toContainEqual(figureRow('send to arrival, sent by another process, p50'))
    expect(lines).toContainEqual(figureRow('CPU time of an idle sender, a minute'))
  },
  timeoutInMs,
)

test(
  'the inbox bench compares a service that stores with one that only answers, and times the handler',
  async () => {
    const lines = await bench('inbox')
    const floor = 'Express, answered and not stored'

    for (const store of ['SQLite', 'PostgreSQL']) {
      expect(lines).toContainEqual(ratioRow({ name: `${store}, stored`, floor, target: '≥ 0.70' }))
      expect(lines).toContainEqual(ratioRow({ name: `${store}, stored, ids at random`, floor, target: '' }))
      expect(lines).toContainEqual(
        ratioRow({
          name: `${store}, stored, and handled beside it, by processor time`,
          floor: `${floor}, by processor time`,
          target: '',
        }),
      )
      expect(lines).toContainEqual(figureRow(`${store}, accept to handler, p50`))
      expect(lines).toContainEqual(figureRow(`${store}, accept to handler, p99`))
    }
  },
  timeoutInMs,
)

test(
  'the idle-endpoints, fairness and refused-tasks benches compare a sender with one that has nothing beside it',
  async () => {
    const lines = await bench('idle-endpoints', 'fairness', 'refused-tasks')
    const alone = 'other tasks, alone'
    const beside = 'other tasks, beside one with 1,000 pending events and 1,000 that wait for a retry'

    expect(lines).toContainEqual(
      ratioRow({
        name: 'createSender, 50 idle endpoints',
        floor: 'createSender, 0 idle endpoints',
        target: '≥ 0.90',
      }),
    )
    expect(lines).toContainEqual(ratioRow({ name: beside, floor: alone, target: '≥ 0.80' }))
    expect(lines).toContainEqual(
      ratioRow({
        name: `${beside}, send to delivered, p99`,
        floor: `${alone}, send to delivered, p99`,
        target: '',
      }),
    )
    for (const status of [400, 500, 503]) {
      expect(lines).toContainEqual(
        ratioRow({
          name: `createSender, 50 % of tasks refused with ${status}`,
          floor: 'createSender, no task refused',
          target: '≥ 0.80',
        }),
      )
    }
    // The refused ones were refused, each once.
    expect(lines.join('\n')).toContain('A refused task had 1.00 attempts at the most')
  },
  timeoutInMs,
)

test(
  'the memory bench builds the packages and compares the memory of a sender that delivers out of much with one that does out of little',
  async () => {
    const lines = await bench('memory')
    const floor = '200 delivered, of as many pending'

    expect(lines).toContainEqual(figureRow(floor, '≤ 150 MB'))
    for (const name of [
      '200 delivered, of 4,000 pending',
      '200 delivered, beside 1,000 tasks that wait for a retry',
      '200 delivered, of 1,000 tasks whose retry is due',
    ]) {
      expect(lines).toContainEqual(ratioRow({ name, floor, target: '≤ 1.10, ≤ 150 MB' }))
    }
  },
  timeoutInMs,
)

test(
  'the postgres-age and open-transaction benches print what deliveries cost beside a transaction that stays open',
  async () => {
    const lines = await bench('postgres-age', 'open-transaction')
    const nothing = 'of 1,000 pending, nothing delivered'
    const held = 'of 1,000 pending, 500 delivered in the time of a transaction that is open'

    for (const operation of ['read', 'settle']) {
      expect(lines).toContainEqual(
        ratioRow({ name: `${operation}, ${held}`, floor: `${operation}, ${nothing}`, target: '' }),
      )
    }
    expect(lines).toContainEqual(expect.stringMatching(/A day of 200 delivered was dropped in \d+ ms\.$/))
    for (const kind of ['reads', 'writes']) {
      expect(lines).toContainEqual(
        ratioRow({
          name: `createSender, after 500 beside an open transaction that ${kind}`,
          floor: 'createSender, nothing delivered before',
          target: '≥ 0.80',
        }),
      )
    }
  },
  timeoutInMs,
)

test(
  'the dashboard bench compares a page with its queries, and a sender beside open pages with one alone',
  async () => {
    const lines = await bench('dashboard')
    expect(lines).toContainEqual(
      ratioRow({ name: 'the page', floor: 'the queries of a page of 50 out of 1,100', target: '5 ms more' }),
    )
    expect(lines).toContainEqual(
      ratioRow({
        name: 'createSender, 100 pages open',
        floor: 'createSender, no page open',
        target: '≥ 0.98',
      }),
    )
  },
  timeoutInMs,
)
